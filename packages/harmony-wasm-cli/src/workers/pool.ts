/**
 * Sends groups of batches through worker threads, which begin them in order, and returns
 * them in order. The number of groups under way is bounded, and so is memory, for any size
 * of input.
 */

import { setFlagsFromString } from "node:v8";
import type { MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { GivenBatch } from "../input/batch.ts";

/** Groups that wait for a worker, beside those being worked on. */
const WAITING = 2;

/** What the heap of each thread may take. */
interface HeapRoom {
  /** Of new objects. Most of a batch's are dead when it is done; V8 would let 48 MB of them wait. */
  youngMegabytes: number;
  /**
   * How much the heap grows before V8 collects all of it, in percent of what lives. Left to itself, V8
   * looks at how fast objects are made, which are few here, and allows a fifth; array buffers count
   * too, so it collects twice as often.
   */
  growthPercent: number;
}

/** Many workers have less room, so that they stay within 800 MB (docs/scale.md). */
const USUAL: HeapRoom = { youngMegabytes: 12, growthPercent: 300 };
const OF_MANY: HeapRoom = { youngMegabytes: 3, growthPercent: 50 };
const MANY_WORKERS = 7;

/** The module that a thread runs, beside this one: in the sources, and in the bundle. */
export function workerModule(source: string, bundled: string): URL {
  return new URL(import.meta.url.endsWith(".ts") ? source : bundled, import.meta.url);
}

/** The parts of a task that move to the thread. */
interface Moving {
  batches: readonly GivenBatch[];
  port?: MessagePort;
}

/** The batches of a task, and its result. */
interface Returned<Task extends Moving, Done> {
  batches: Task["batches"];
  done: Done;
}

/** Worker threads. A task is plain data with batches, whose bytes move to the thread. */
export class WorkerPool<Task extends Moving, Done> {
  readonly #pool: Piscina;
  readonly #most: number;

  /** `data` is what every thread gets once. */
  constructor(module: URL, workers: number, data?: unknown) {
    this.#most = workers + WAITING;
    const { youngMegabytes, growthPercent } = workers >= MANY_WORKERS ? OF_MANY : USUAL;
    setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
    this.#pool = new Piscina({
      filename: module.href,
      workerData: data,
      // A thread starts for a batch that waits: one that still loads when the run ends can
      // end the process (an assertion in Node's loader).
      minThreads: 0,
      maxThreads: workers,
      // Without it, a batch that waits goes behind later ones. --dedupe decides in the order of
      // the input: a later batch would keep the only thread, waiting for the one behind it.
      stricterFIFO: true,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
    });
  }

  /** Each group with the result of its task, in the order of the input. */
  async *inOrder(tasks: AsyncIterable<Task>): AsyncGenerator<Returned<Task, Done>> {
    const underWay: Returned<Task, Promise<Done>>[] = [];
    for await (const task of tasks) {
      const { batches, port }: Moving = task;
      const buffers = batches.flatMap(buffersOf);
      const transferList = port ? [...buffers, port] : buffers;
      const done: Promise<Done> = this.#pool.run(task, { transferList });
      done.catch(() => {}); // Reported when its turn comes.
      underWay.push({ batches: task.batches, done });
      const first = underWay.length >= this.#most ? underWay.shift() : undefined;
      if (first) yield { batches: first.batches, done: await first.done };
    }
    for (const { batches, done } of underWay) yield { batches, done: await done };
  }

  /** Calls a function that the module exports, in a thread. */
  call<Given, Result>(name: string, given: Given): Promise<Result> {
    return this.#pool.run(given, { name });
  }

  /** Ends the threads at once, whatever they work on. */
  async close(): Promise<void> {
    // An answer may have arrived and not been read yet. Piscina has forgotten its task by then, and
    // reports the answer as an error, which would end the process.
    this.#pool.on("error", () => {});
    await this.#pool.destroy();
  }
}

function buffersOf({ rows }: GivenBatch): ArrayBuffer[] {
  if (rows.kind === "rowGroup") return [];
  if (rows.kind === "lines") return [rows.bytes.buffer, rows.ends.buffer];
  return rows.kind === "stored" ? [rows.bytes.buffer] : [rows.ipc.buffer];
}
