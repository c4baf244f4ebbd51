/** Reads two files of ids row by row. */

import { type IdFile, idBatches } from "../input/id-rows.ts";
import type { BatchWorkers } from "./batch-workers.ts";
import { type ComparedSample, unpackedAll } from "./packed-samples.ts";

/** The rows at the same place; undefined after the end of a file. */
export interface RowPair {
  row: number;
  one: ComparedSample | undefined;
  other: ComparedSample | undefined;
}

/** Pairs rows in order until both files have ended. */
export async function* rowPairs(
  one: IdFile,
  other: IdFile,
  threads: BatchWorkers,
): AsyncGenerator<RowPair> {
  const left = await rowsOf(one, threads);
  const right = await rowsOf(other, threads);
  for (let row = 0; ; row += 1) {
    const a = await left.next();
    const b = await right.next();
    if (a.done && b.done) return;
    yield { row, one: a.done ? undefined : a.value, other: b.done ? undefined : b.value };
  }
}

async function rowsOf(
  file: IdFile,
  threads: BatchWorkers,
): Promise<AsyncGenerator<ComparedSample>> {
  const batches = await idBatches(file.path, [file.column]);
  return unpackedAll(threads.inOrder({ kind: "readIds", options: file }, batches));
}
