/**
 * Sends batches through worker threads and returns them in order. The number of
 * batches under way is bounded, and so is memory, for any size of input.
 */

import { Piscina } from "piscina";
import type { InputBatch } from "../input/batch.ts";
import type { DoneBatch } from "../sinks/sink.ts";
import type { Job } from "./job.ts";

/** Batches that wait for a worker, beside those being rendered. */
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

  /** Each batch with its result, in the order of the input. */
  async *inOrder(
    batches: AsyncIterable<InputBatch>,
  ): AsyncGenerator<{ batch: InputBatch; done: DoneBatch }> {
    const underWay: { batch: InputBatch; done: Promise<DoneBatch> }[] = [];
    for await (const batch of batches) {
      const done = this.#pool.run(batch, { transferList: [...buffersOf(batch)] });
      done.catch(() => {}); // Reported when its turn comes.
      underWay.push({ batch, done });
      const first = underWay.length >= this.#most ? underWay.shift() : undefined;
      if (first) yield { batch: first.batch, done: await first.done };
    }
    for (const { batch, done } of underWay) yield { batch, done: await done };
  }

  /** Ends the threads at once. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function buffersOf({ rows }: InputBatch): ArrayBuffer[] {
  return rows.kind === "lines" ? [rows.bytes.buffer, rows.ends.buffer] : [rows.ipc.buffer];
}
