/**
 * Does work on all batches of an input, in worker threads and in order. An input
 * of one batch is done in this thread: starting others takes longer.
 */

import { CommandError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import { joined } from "../input/continued.ts";
import type { WorkerPool } from "../workers/pool.ts";
import { type Done, type Work, type WorkKind, workFor } from "./work.ts";
import type { Answer, Task } from "./worker.ts";

/** Threads that several inputs share. */
export class BatchWorkers {
  readonly #workers: number;
  #pool: WorkerPool<Task, Answer> | undefined;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** The results in the order of the batches. */
  async *inOrder<Kind extends WorkKind>(
    work: Work<Kind>,
    batches: AsyncIterator<InputBatch>,
  ): AsyncGenerator<Done<Kind>> {
    const first = await batches.next();
    if (first.done) return;
    const second = await batches.next();
    if (second.done) {
      yield workFor(work)(first.value);
      return;
    }
    this.#pool ??= await startedPool(this.#workers);
    for await (const { done } of this.#pool.inOrder(
      tasksOf(work, first.value, joined(second, batches)),
    )) {
      if ("failure" in done) throw new CommandError(done.failure);
      yield done.done as Done<Kind>;
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

/** The library of the pool is loaded only for inputs of several batches. */
async function startedPool(workers: number): Promise<WorkerPool<Task, Answer>> {
  const { WorkerPool, workerModule } = await import("../workers/pool.ts");
  return new WorkerPool(workerModule("../check/worker.ts", "./check-worker.js"), workers);
}

async function* tasksOf(
  work: Work,
  first: InputBatch,
  rest: AsyncIterable<InputBatch>,
): AsyncGenerator<Task> {
  yield { work, batches: [first] };
  for await (const batch of rest) yield { work, batches: [batch] };
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
