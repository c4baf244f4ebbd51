/** A thread of the pool. Batches and their bytes move between threads without a copy. */

import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import type { InputBatch } from "../input/batch.ts";
import type { DoneBatch, Job } from "./task.ts";
import { workerFor } from "./work.ts";

const job: Job = workerData;
const work = workerFor(job);

/** What the pool calls. */
export default function renderedBatch(batch: InputBatch): unknown {
  return move(new Moved(work(batch)));
}

/** A batch whose bytes are handed over. */
class Moved {
  readonly #done: DoneBatch;

  constructor(done: DoneBatch) {
    this.#done = done;
  }

  get [transferableSymbol]() {
    const { parts, rejected } = this.#done;
    return [rejected.buffer, ...parts.map(({ bytes }) => bytes.buffer)];
  }

  get [valueSymbol]() {
    return this.#done;
  }
}
