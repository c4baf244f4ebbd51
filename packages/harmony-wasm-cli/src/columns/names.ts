/**
 * The columns of a rendered data set: their names, their Arrow types, and
 * which there are when none are asked for.
 */

import type { DataType } from "apache-arrow";
import { Field, Int32, Int64, List, Struct, Uint8, Utf8 } from "apache-arrow";
import { UsageError } from "../exit.ts";

/** Every column there is, in the order in which they are written. */
export const COLUMN_NAMES = [
  "input_ids",
  "attention_mask",
  "labels",
  "loss_mask",
  "position_ids",
  "seq_start_id",
  "spans",
  "n_tokens",
  "source_row",
  "source_rows",
] as const;

/** One of {@link COLUMN_NAMES}. */
export type ColumnName = (typeof COLUMN_NAMES)[number];

const list = (item: DataType) => new List(new Field("item", item, false));

/** The fields of a span: `MessageSpan` of harmony-wasm. */
export const SPAN_FIELDS = [
  new Field("message", new Int32(), false),
  new Field("role", new Utf8(), false),
  new Field("channel", new Utf8(), true),
  new Field("recipient", new Utf8(), true),
  new Field("start", new Int32(), false),
  new Field("content_start", new Int32(), false),
  new Field("content_end", new Int32(), false),
  new Field("end", new Int32(), false),
];

/** The Arrow type of each column. */
export const COLUMN_TYPES: Readonly<Record<ColumnName, DataType>> = {
  input_ids: list(new Int32()),
  attention_mask: list(new Uint8()),
  labels: list(new Int32()),
  loss_mask: list(new Uint8()),
  position_ids: list(new Int32()),
  seq_start_id: list(new Int32()),
  spans: list(new Struct(SPAN_FIELDS)),
  n_tokens: new Int32(),
  source_row: new Int64(),
  source_rows: list(new Int64()),
};

/** The columns of rows that are one sample each. */
export const DEFAULT_COLUMNS: readonly ColumnName[] = [
  "input_ids",
  "labels",
  "loss_mask",
  "spans",
  "n_tokens",
  "source_row",
];

/** The columns of rows into which several samples are packed. */
export const PACKED_COLUMNS: readonly ColumnName[] = [
  "input_ids",
  "labels",
  "loss_mask",
  "position_ids",
  "seq_start_id",
  "n_tokens",
  "source_rows",
];

/** The columns that only packed rows have, and those that they have not. */
const PACKED_ONLY: readonly ColumnName[] = ["seq_start_id", "source_rows"];
const UNPACKED_ONLY: readonly ColumnName[] = ["spans", "source_row"];

/** Reads `--columns a,b,c`; the order of the file is that of {@link COLUMN_NAMES}. */
export function columnsNamed(text: string, isPacked: boolean): ColumnName[] {
  const wanted = new Set(text.split(",").map((name) => name.trim()));
  const known = COLUMN_NAMES.filter((name) => wanted.delete(name));
  if (wanted.size > 0) {
    throw new UsageError(
      `--columns: there is no column ${[...wanted].join(", ")}; there are ${COLUMN_NAMES.join(", ")}`,
    );
  }
  const missing = known.filter((name) => (isPacked ? UNPACKED_ONLY : PACKED_ONLY).includes(name));
  if (missing.length === 0) return known;
  const rows = isPacked ? "packed rows have" : "rows that are not packed (--pack) have";
  throw new UsageError(`--columns: ${rows} no ${missing.join(", ")}`);
}
