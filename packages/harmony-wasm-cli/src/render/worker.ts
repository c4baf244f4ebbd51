/** A thread of the pool. Batches and their bytes move between threads without a copy. */

import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { rowsOf } from "../formats/few-rows.ts";
import type { FewRows, FileBytes } from "../formats/format.ts";
import { encoderOf } from "../formats/formats.ts";
import { askWhichAreFirst } from "../selection/first-rows.ts";
import type { Job } from "./job.ts";
import type { RenderTask } from "./run-memory.ts";
import { workerFor } from "./work.ts";

const job: Job = workerData;
const work = workerFor(job);
const encode = encoderOf(job.format);

/** The task that the pool runs. */
export default async function renderedBatches({ batches, port }: RenderTask): Promise<unknown> {
  const findFirst = port && ((digests: Uint8Array) => askWhichAreFirst(port, digests));
  const done = await work(batches, findFirst);
  const { parts, few, rejected } = done;
  return move(new Moved(done, [{ bytes: rejected }, ...parts, ...few]));
}

/** Encodes rows that have waited for their row group. */
export function encodedRows(few: readonly FewRows[]): unknown {
  const encoded = encode(few.flatMap(rowsOf));
  return move(new Moved(encoded, encoded.parts));
}

/** A result whose buffers are transferred. */
class Moved {
  readonly #result: object;
  readonly #buffers: ArrayBuffer[];

  constructor(result: object, moved: readonly Pick<FileBytes, "bytes">[]) {
    this.#result = result;
    this.#buffers = moved.map(({ bytes }) => bytes.buffer);
  }

  get [transferableSymbol]() {
    return this.#buffers;
  }

  get [valueSymbol]() {
    return this.#result;
  }
}
