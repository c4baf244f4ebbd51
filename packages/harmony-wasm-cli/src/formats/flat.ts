/**
 * Columns as bare numbers, all rows end to end, as `.npy` and Megatron's `.bin`
 * hold them. A file of lengths gives the row boundaries.
 */

import type { Numbers } from "../columns/column.ts";
import { type ColumnName, columnOf } from "../columns/columns.ts";
import { UsageError } from "../exit.ts";
import { appended } from "../files/bytes.ts";
import type { OutputRow } from "../rows/output-row.ts";

/** A column with its numbers. */
export interface FlatColumn {
  name: ColumnName;
  numbers: Numbers;
}

/** The bytes of a column. */
export function flatBytes(
  { numbers }: FlatColumn,
  rows: readonly OutputRow[],
): Uint8Array<ArrayBuffer> {
  const views = rows.map(numbers.of);
  return appended(
    views.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)),
  );
}

/** The columns with their numbers; refuses one that has none. */
export function flatColumns(columns: readonly ColumnName[], format: string): FlatColumn[] {
  return columns.map((name) => {
    const { numbers } = columnOf(name);
    if (numbers) return { name, numbers };
    throw new UsageError(`--columns: the format ${format} cannot hold ${name}, only numbers`);
  });
}

/** `path` without its extension. */
export function withoutExtension(path: string): string {
  return path.replace(/\.(npy|bin|idx)$/, "");
}
