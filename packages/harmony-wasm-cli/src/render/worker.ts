/** A thread of the pool. Batches and their bytes move between threads without a copy. */

import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { askWhichAreFirst } from "../selection/first-rows.ts";
import type { DoneBatch } from "../sinks/sink.ts";
import type { Job } from "./job.ts";
import type { RenderTask } from "./run-memory.ts";
import { workerFor } from "./work.ts";

const job: Job = workerData;
const work = workerFor(job);

/** The task that the pool runs. */
export default async function renderedBatches({ batches, port }: RenderTask): Promise<unknown> {
  const findFirst = port && ((digests: Uint8Array) => askWhichAreFirst(port, digests));
  return move(new Moved(await work(batches, findFirst)));
}

/** A batch whose buffers are transferred. */
class Moved {
  readonly #done: DoneBatch;

  constructor(done: DoneBatch) {
    this.#done = done;
  }

  get [transferableSymbol]() {
    const { parts, few, rejected } = this.#done;
    return [rejected.buffer, ...[...parts, ...few].map(({ bytes }) => bytes.buffer)];
  }

  get [valueSymbol]() {
    return this.#done;
  }
}
