/** All columns, in the order in which a file has them. */

import { type Data, Int32, Int64, makeData, Utf8 } from "apache-arrow";
import { lengthOf, type OutputRow } from "../rows/output-row.ts";
import type { Column, Rows } from "./column.ts";
import { int32List, listType, uint8List } from "./number-lists.ts";
import { SPANS } from "./spans.ts";
import { nulls, textColumn } from "./text-column.ts";

/** The label that trainers skip: torch's `ignore_index`. */
const IGNORED = -100;

/** One number for each id of a row. */
const perId = { length: ({ tokens }: OutputRow) => tokens.length };

/** The columns by name. */
export const COLUMNS = {
  input_ids: {
    ...int32List({
      ...perId,
      fill: ({ tokens }, into) => into.set(tokens),
      of: ({ tokens }) => tokens,
    }),
    in: "both",
    inMegatron: true,
  },
  attention_mask: {
    // Padding is not attended to.
    ...uint8List({ ...perId, fill: ({ packed }, into) => into.fill(1, 0, packed?.filled) }),
    note: "1, and 0 for padding",
    in: "both",
    inMegatron: false, // Megatron computes it from the ids.
  },
  labels: {
    ...int32List({ ...perId, fill: fillLabels }),
    note: "the id where the mask is 1, else -100, not shifted",
    in: "both",
    inMegatron: true,
  },
  loss_mask: {
    ...uint8List({
      ...perId,
      fill: ({ lossMask }, into) => into.set(lossMask),
      of: ({ lossMask }) => lossMask,
    }),
    in: "both",
    inMegatron: true,
  },
  position_ids: {
    ...int32List({ ...perId, fill: fillPositions }),
    note: "from 0 in each sample",
    in: "both",
    inMegatron: true,
  },
  seq_start_id: {
    ...int32List({
      length: ({ packed }) => packed?.seq_start_id.length ?? 1,
      fill: ({ packed }, into) => into.set(packed?.seq_start_id ?? [0]),
    }),
    note: "where each packed sample begins",
    in: "packs",
    inMegatron: false,
  },
  seq_lengths: {
    ...int32List({
      length: (row) => lengthsOf(row).length,
      fill: (row, into) => into.set(lengthsOf(row)),
    }),
    note: "the number of ids of each packed sample, then of the padding",
    in: "packs",
    inMegatron: false,
  },
  spans: SPANS,
  n_tokens: {
    type: new Int32(),
    in: "both",
    arrow: tokenCounts,
    note: "without padding",
    json: (row) => String(lengthOf(row)),
    // Bare ids are cut into rows by these lengths, so they include the padding.
    numbers: { type: "<i4", of: ({ tokens }) => Int32Array.of(tokens.length) },
    inMegatron: false,
  },
  source_row: {
    type: new Int64(),
    note: "the input row, from 0",
    in: "samples",
    arrow: (rows, sources) =>
      makeData({ type: new Int64(), length: rows.length, nullCount: 0, data: sources }),
    json: ({ sourceRow }) => String(sourceRow),
    numbers: { type: "<i8", of: ({ sourceRow }) => BigInt64Array.of(BigInt(sourceRow)) },
    inMegatron: false,
  },
  source_file: {
    type: new Utf8(),
    note: "the name of the input file",
    in: "samples",
    arrow: (rows) => textColumn(rows, (row) => row?.sourceFile),
    json: ({ sourceFile }) => JSON.stringify(sourceFile ?? null),
    inMegatron: false,
  },
  source_rows: {
    type: listType(new Int64()),
    note: "the input row of each packed sample",
    in: "packs",
    arrow: sourceRows,
    json: ({ packed }) => JSON.stringify(packed?.sourceRows ?? []),
    inMegatron: false,
  },
  source_files: {
    type: listType(new Utf8()),
    note: "the name of the input file of each packed sample",
    in: "packs",
    arrow: sourceFiles,
    json: ({ packed }) => JSON.stringify(packed?.sourceFiles ?? []),
    inMegatron: false,
  },
} as const satisfies Record<string, Column>;

/** The name of a column. */
export type ColumnName = keyof typeof COLUMNS;

/** Every name, in the order of the columns. */
export const COLUMN_NAMES = Object.keys(COLUMNS).filter(isColumnName);

/** Whether there is a column of this name. */
export function isColumnName(name: string): name is ColumnName {
  return Object.hasOwn(COLUMNS, name);
}

/** A column by its name. */
export function columnOf(name: ColumnName): Column {
  return COLUMNS[name];
}

function fillLabels({ tokens, lossMask, packed }: OutputRow, into: Int32Array): void {
  if (packed) into.set(packed.labels);
  else fillMaskedLabels(tokens, lossMask, into);
}

/** By runs of ids that are trained: one by one takes 2.5 ns an id, this 0.8. */
function fillMaskedLabels(tokens: Uint32Array, lossMask: Uint8Array, into: Int32Array): void {
  into.fill(IGNORED);
  for (let start = lossMask.indexOf(1), end = 0; start >= 0; start = lossMask.indexOf(1, end)) {
    const next = lossMask.indexOf(0, start);
    end = next < 0 ? tokens.length : next;
    into.set(tokens.subarray(start, end), start);
  }
}

/** From 0 in each sample of a row. */
function fillPositions({ packed }: OutputRow, into: Int32Array): void {
  if (packed) into.set(packed.position_ids);
  else for (let at = 0; at < into.length; at += 1) into[at] = at;
}

/**
 * TRL's padding-free collator (1.16) computes positions from these and needs as
 * many as there are ids, so padding counts as one more sample.
 */
function lengthsOf({ tokens, packed }: OutputRow): number[] {
  const starts = Array.from(packed?.seq_start_id ?? [0]);
  if (packed && packed.filled < tokens.length) starts.push(packed.filled);
  return starts.map((start, at) => (starts[at + 1] ?? tokens.length) - start);
}

function tokenCounts(rows: Rows): Data {
  const data = Int32Array.from(rows, (row) => (row ? lengthOf(row) : 0));
  return makeData({ type: new Int32(), length: rows.length, data, ...nulls(rows) });
}

/** A failed row has one source, so no row is null. */
function sourceRows(rows: Rows, sources: BigInt64Array): Data {
  const lists = rows.map((row, at) => row?.packed?.sourceRows ?? [sources[at] ?? -1n]);
  const data = BigInt64Array.from(lists.flat(), BigInt);
  const child = makeData({ type: new Int64(), length: data.length, nullCount: 0, data });
  const valueOffsets = offsetsOf(lists);
  const type = listType(new Int64());
  return makeData({ type, length: rows.length, nullCount: 0, valueOffsets, child });
}

/** A failed row, or one of a stream, has no file. */
function sourceFiles(rows: Rows): Data {
  const lists = rows.map((row) => row?.packed?.sourceFiles ?? []);
  const child = textColumn(lists.flat(), (name) => name);
  const valueOffsets = offsetsOf(lists);
  const type = listType(new Utf8());
  return makeData({ type, length: rows.length, valueOffsets, child, ...nulls(rows) });
}

function offsetsOf(lists: readonly (readonly unknown[])[]): Int32Array {
  const offsets = new Int32Array(lists.length + 1);
  for (const [at, { length }] of lists.entries()) offsets[at + 1] = (offsets[at] ?? 0) + length;
  return offsets;
}
