/**
 * Does work on all batches of some files, in worker threads and in order. Batches of one
 * group are done in this thread: starting others takes longer.
 */

import { CommandError } from "../exit.ts";
import { BATCH_SIZE } from "../input/batch.ts";
import { type BatchGroup, batchGroups } from "../input/batch-groups.ts";
import { loaded } from "../input/row-groups.ts";
import type { WorkerPool } from "../workers/pool.ts";
import { type Answer, answerOf, type Task } from "./answer.ts";
import { type Done, type WorkBatch, type WorkKind, withWork } from "./work.ts";

/** Worker threads, as {@link WorkerPool} starts them. */
type Threads = Pick<WorkerPool<Task, Answer>, "inOrder" | "close">;

/** Threads that several inputs share. */
export class BatchWorkers {
  readonly #workers: number;
  readonly #start: (workers: number) => Promise<Threads>;
  #pool: Threads | undefined;

  constructor(workers: number, start: (workers: number) => Promise<Threads> = startedPool) {
    this.#workers = workers;
    this.#start = start;
  }

  /** The results in the order of the batches; an error of the input comes after those before it. */
  async *inOrder<Kind extends WorkKind>(
    batches: AsyncIterable<WorkBatch<Kind>>,
  ): AsyncGenerator<Done<Kind>> {
    const readable = new UpToFailure(this.#workers === 1 ? readHere(batches) : batches);
    for await (const { done, failure } of this.#answers(batchGroups(readable, BATCH_SIZE))) {
      yield* done as Done<Kind>[];
      if (failure !== undefined) throw new CommandError(failure);
    }
    readable.check();
  }

  async *#answers(groups: AsyncGenerator<BatchGroup<WorkBatch>>): AsyncGenerator<Answer> {
    const first = await groups.next();
    if (first.done) return;
    const second = await groups.next();
    if (second.done) {
      yield answerOf({ batches: first.value });
      return;
    }
    this.#pool ??= await this.#start(this.#workers);
    async function* tasks(): AsyncGenerator<Task> {
      for (const each of [first, second]) if (!each.done) yield { batches: each.value };
      for await (const batches of groups) yield { batches };
    }
    for await (const { done } of this.#pool.inOrder(tasks())) yield done;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

/** With their rows: beside one worker, this thread has time to decode them. */
async function* readHere<Kind extends WorkKind>(
  batches: AsyncIterable<WorkBatch<Kind>>,
): AsyncGenerator<WorkBatch<Kind>> {
  for await (const given of batches) yield* withWork(given.work, given.path, loaded(given));
}

/** Batches up to an error of their input, which is kept. */
class UpToFailure<Each> implements AsyncIterable<Each> {
  readonly #batches: AsyncIterable<Each>;
  #failure: { error: unknown } | undefined;

  constructor(batches: AsyncIterable<Each>) {
    this.#batches = batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Each> {
    try {
      yield* this.#batches;
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** Throws the error. */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** The library of the pool is loaded only for inputs of several batches. */
async function startedPool(workers: number): Promise<WorkerPool<Task, Answer>> {
  const { WorkerPool, workerModule } = await import("../workers/pool.ts");
  return new WorkerPool(workerModule("../check/worker.ts", "./check-worker.js"), workers);
}

/** Runs an operation with threads, which end with it. */
export async function withWorkers<T>(
  workers: number,
  operation: (threads: BatchWorkers) => Promise<T>,
): Promise<T> {
  const threads = new BatchWorkers(workers);
  try {
    return await operation(threads);
  } finally {
    await threads.close();
  }
}
