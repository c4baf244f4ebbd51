/** Reads two files of ids row by row, or the parts of two output folders. */

import type { IdFile } from "../input/id-rows.ts";
import { inputFile } from "../input/inputs.ts";
import { givenBatches } from "../input/source.ts";
import type { BatchWorkers } from "./batch-workers.ts";
import { filesWithRows } from "./folder-check.ts";
import { type ComparedSample, unpackedAll } from "./packed-samples.ts";
import { withWork } from "./work.ts";

/** The rows at the same place; undefined after the end of a file. */
export interface RowPair {
  row: number;
  one: ComparedSample | undefined;
  other: ComparedSample | undefined;
}

/** Pairs rows in order until both have ended; a path may be a folder. */
export async function* rowPairs(
  one: IdFile,
  other: IdFile,
  threads: BatchWorkers,
): AsyncGenerator<RowPair> {
  const left = rowsOf(one, threads);
  const right = rowsOf(other, threads);
  for (let row = 0; ; row += 1) {
    const a = await left.next();
    const b = await right.next();
    if (a.done && b.done) return;
    yield { row, one: a.done ? undefined : a.value, other: b.done ? undefined : b.value };
  }
}

async function* rowsOf(
  { path, column }: IdFile,
  threads: BatchWorkers,
): AsyncGenerator<ComparedSample> {
  yield* unpackedAll(threads.inOrder(idsOf(filesWithRows(path), column)));
}

async function* idsOf(parts: readonly string[], column: string) {
  for (const part of parts) {
    const batches = await givenBatches(await inputFile(part), [column]);
    yield* withWork({ kind: "readIds", options: column }, part, batches);
  }
}
