/**
 * The list columns of a batch as Arrow data: one typed array a column, filled
 * in one pass and handed on without a copy.
 */

import { type Data, Field, Int32, Int64, List, makeData, Struct, Uint8 } from "apache-arrow";
import type { MessageSpan } from "harmony-wasm/train";
import { type ColumnName, SPAN_FIELDS } from "./names.ts";
import type { OutputRow } from "./output-row.ts";
import { nulls, textColumn } from "./text-column.ts";

/** What a trainer skips: torch's `ignore_index`. */
const IGNORED = -100;

/** Rows of which some may have failed: an undefined row is a null. */
export type Rows = readonly (OutputRow | undefined)[];

type ListName = Exclude<ColumnName, "n_tokens" | "source_row">;

/** One list column. */
export function listColumn(name: ListName, rows: Rows): Data {
  if (name === "spans") return spansColumn(rows);
  if (name === "source_rows") return sourceRowsColumn(rows);
  if (name === "seq_start_id") {
    const fill = (row: OutputRow, into: Int32Array) => into.set(startsOf(row));
    return numbers(rows, (row) => startsOf(row).length, Int32Array, fill);
  }
  const length = (row: OutputRow) => row.tokens.length;
  if (name === "loss_mask" || name === "attention_mask") {
    const fill = name === "loss_mask" ? fillLossMask : fillAttentionMask;
    return numbers(rows, length, Uint8Array, fill);
  }
  return numbers(rows, length, Int32Array, INT32_FILLS[name]);
}

const INT32_FILLS = {
  input_ids: (row: OutputRow, into: Int32Array) => into.set(row.tokens),
  labels: fillLabels,
  position_ids: fillPositions,
};

function fillLossMask(row: OutputRow, into: Uint8Array): void {
  into.set(row.lossMask);
}

/** Padding is not attended to. */
function fillAttentionMask(row: OutputRow, into: Uint8Array): void {
  into.fill(1, 0, row.packed?.filled);
}

function fillLabels({ tokens, lossMask, packed }: OutputRow, into: Int32Array): void {
  if (packed) into.set(packed.labels);
  else fillMaskedLabels(tokens, lossMask, into);
}

function fillMaskedLabels(tokens: Uint32Array, lossMask: Uint8Array, into: Int32Array): void {
  for (let at = 0; at < tokens.length; at += 1) {
    into[at] = lossMask[at] === 1 ? (tokens[at] ?? IGNORED) : IGNORED;
  }
}

function fillPositions({ packed }: OutputRow, into: Int32Array): void {
  if (packed) into.set(packed.position_ids);
  else for (let at = 0; at < into.length; at += 1) into[at] = at;
}

type NumberArray = Int32Array | Uint8Array;

function numbers<T extends NumberArray>(
  rows: Rows,
  lengthOf: (row: OutputRow) => number,
  ArrayOf: new (length: number) => T,
  fill: (row: OutputRow, into: T) => void,
): Data {
  const valueOffsets = offsetsOf(rows, lengthOf);
  const values = new ArrayOf(valueOffsets.at(-1) ?? 0);
  for (const [index, row] of rows.entries()) {
    if (row) fill(row, part(values, valueOffsets, index));
  }
  return listOf(integers(values), valueOffsets, rows);
}

function integers(values: NumberArray): Data {
  const shape = { length: values.length, nullCount: 0 };
  return values instanceof Int32Array
    ? makeData({ type: new Int32(), data: values, ...shape })
    : makeData({ type: new Uint8(), data: values, ...shape });
}

function listOf(child: Data, valueOffsets: Int32Array, rows: Rows): Data {
  const type = new List(new Field("item", child.type, false));
  return makeData({ type, length: rows.length, valueOffsets, child, ...nulls(rows) });
}

function part<T extends NumberArray>(values: T, offsets: Int32Array, index: number): T {
  return values.subarray(offsets[index], offsets[index + 1]) as T;
}

function offsetsOf(rows: Rows, lengthOf: (row: OutputRow) => number): Int32Array {
  const offsets = new Int32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) {
    offsets[index + 1] = (offsets[index] ?? 0) + (row ? lengthOf(row) : 0);
  }
  return offsets;
}

/** The labels of a row: the id where it has loss, else -100. */
export function labelsOf(row: OutputRow): Int32Array {
  const labels = new Int32Array(row.tokens.length);
  fillLabels(row, labels);
  return labels;
}

/** The positions of a row: from 0 in each sample. */
export function positionsOf(row: OutputRow): Int32Array {
  const positions = new Int32Array(row.tokens.length);
  fillPositions(row, positions);
  return positions;
}

/** Where the samples of a row begin. */
export function startsOf({ packed }: OutputRow): Int32Array {
  return packed ? Int32Array.from(packed.seq_start_id) : Int32Array.of(0);
}

function sourceRowsColumn(rows: Rows): Data {
  const sources = (row: OutputRow) => row.packed?.sourceRows ?? [row.sourceRow];
  const data = BigInt64Array.from(
    rows.flatMap((row) => (row ? sources(row) : [])),
    BigInt,
  );
  const child = makeData({ type: new Int64(), length: data.length, nullCount: 0, data });
  return listOf(
    child,
    offsetsOf(rows, (row) => sources(row).length),
    rows,
  );
}

function spansColumn(rows: Rows): Data {
  const valueOffsets = offsetsOf(rows, (row) => row.spans.length);
  const spans = rows.flatMap((row) => row?.spans ?? []);
  const children = [
    positions(spans, (span) => span.message),
    textColumn(spans, (span) => span.role),
    textColumn(spans, (span) => span.channel),
    textColumn(spans, (span) => span.recipient),
    positions(spans, (span) => span.start),
    positions(spans, (span) => span.content_start),
    positions(spans, (span) => span.content_end),
    positions(spans, (span) => span.end),
  ];
  const type = new Struct(SPAN_FIELDS);
  const child = makeData({ type, length: spans.length, nullCount: 0, children });
  return listOf(child, valueOffsets, rows);
}

function positions(spans: readonly MessageSpan[], of: (span: MessageSpan) => number): Data {
  const data = new Int32Array(spans.length);
  spans.forEach((span, index) => {
    data[index] = of(span);
  });
  return integers(data);
}
