/**
 * Columns as bare numbers, end to end: what `.npy` and Megatron's `.bin` hold.
 * Where a row begins is told by a file of lengths.
 */

import { labelsOf, positionsOf, startsOf } from "../columns/lists.ts";
import type { ColumnName } from "../columns/names.ts";
import type { OutputRow } from "../columns/output-row.ts";
import { UsageError } from "../exit.ts";
import { appended } from "../files/bytes.ts";

/** The columns that are numbers. */
export type FlatColumn = Exclude<ColumnName, "spans" | "source_rows">;

/** NumPy's name of each column's type. */
export const NUMPY_TYPES: Readonly<Record<FlatColumn, "<i4" | "<i8" | "|u1">> = {
  input_ids: "<i4",
  attention_mask: "|u1",
  labels: "<i4",
  loss_mask: "|u1",
  position_ids: "<i4",
  seq_start_id: "<i4",
  n_tokens: "<i4",
  source_row: "<i8",
};

const NUMBERS: Readonly<Record<FlatColumn, (row: OutputRow) => ArrayBufferView>> = {
  input_ids: ({ tokens }) => tokens,
  attention_mask: ({ tokens, packed }) => new Uint8Array(tokens.length).fill(1, 0, packed?.filled),
  labels: labelsOf,
  loss_mask: ({ lossMask }) => lossMask,
  position_ids: positionsOf,
  seq_start_id: startsOf,
  n_tokens: ({ tokens }) => Int32Array.of(tokens.length),
  source_row: ({ sourceRow }) => BigInt64Array.of(BigInt(sourceRow)),
};

/** The bytes of a column. */
export function flatBytes(name: FlatColumn, rows: readonly OutputRow[]): Uint8Array<ArrayBuffer> {
  const views = rows.map(NUMBERS[name]);
  return appended(
    views.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)),
  );
}

/** The columns, all of which have to be numbers. */
export function flatColumns(columns: readonly ColumnName[], format: string): FlatColumn[] {
  return columns.map((name) => {
    if (name in NUMPY_TYPES) return name as FlatColumn;
    throw new UsageError(`--columns: the format ${format} has no place for ${name}`);
  });
}

/** `path` without its extension. */
export function withoutExtension(path: string): string {
  return path.replace(/\.(npy|bin|idx)$/, "");
}
