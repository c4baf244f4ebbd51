/** Reads two files of ids row by row. */

import { type IdRow, idRows } from "../input/id-rows.ts";

/** The rows at the same place; undefined after the end of a file. */
export interface RowPair {
  row: number;
  one: IdRow | undefined;
  other: IdRow | undefined;
}

/** A file and its column of ids. */
export interface IdFile {
  path: string;
  column: string;
}

/** Pairs rows in order until both files have ended. */
export async function* rowPairs(one: IdFile, other: IdFile): AsyncGenerator<RowPair> {
  const left = idRows(one.path, one.column);
  const right = idRows(other.path, other.column);
  for (let row = 0; ; row += 1) {
    const [a, b] = await Promise.all([left.next(), right.next()]);
    if (a.done && b.done) return;
    yield { row, one: a.done ? undefined : a.value, other: b.done ? undefined : b.value };
  }
}
