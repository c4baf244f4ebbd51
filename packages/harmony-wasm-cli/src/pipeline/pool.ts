/**
 * Batches through worker threads and out again in their order. How many are on
 * their way is bounded, and so is memory, whatever the size of the input.
 */

import { Piscina } from "piscina";
import type { InputBatch } from "../input/batch.ts";
import type { DoneBatch, Job } from "./task.ts";

/** Batches that wait for a worker beside those that are worked on. */
const WAITING = 2;
const WORKER = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";

/** Worker threads for one job. */
export class WorkerPool {
  readonly #pool: Piscina<InputBatch, DoneBatch>;
  readonly #most: number;

  constructor(job: Job, workers: number) {
    this.#most = workers + WAITING;
    this.#pool = new Piscina({
      filename: new URL(WORKER, import.meta.url).href,
      workerData: job,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
  }

  /** Each batch with what became of it, in the order of the input. */
  async *inOrder(
    batches: AsyncIterable<InputBatch>,
  ): AsyncGenerator<{ batch: InputBatch; done: DoneBatch }> {
    const underWay: { batch: InputBatch; done: Promise<DoneBatch> }[] = [];
    for await (const batch of batches) {
      const done = this.#pool.run(batch, { transferList: [...buffersOf(batch)] });
      done.catch(() => {}); // Told when its turn comes.
      underWay.push({ batch, done });
      const first = underWay.length >= this.#most ? underWay.shift() : undefined;
      if (first) yield { batch: first.batch, done: await first.done };
    }
    for (const { batch, done } of underWay) yield { batch, done: await done };
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function buffersOf({ rows }: InputBatch): ArrayBuffer[] {
  return rows.kind === "lines" ? [rows.bytes.buffer, rows.ends.buffer] : [rows.ipc.buffer];
}
