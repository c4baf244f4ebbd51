/**
 * List columns as Arrow data: one typed array per column, filled in one pass and
 * passed on without a copy.
 */

import { type Data, type DataType, Field, Int32, List, makeData, Uint8 } from "apache-arrow";
import type { OutputRow } from "../rows/output-row.ts";
import type { Column, Rows } from "./column.ts";
import { nulls } from "./text-column.ts";

type NumberArray = Int32Array | Uint8Array;

/** The Arrow type of a list without nulls inside. */
export function listType(item: DataType): List {
  return new List(new Field("item", item, false));
}

/** A list column of numbers that a row fills in. */
interface NumberList<T extends NumberArray> {
  length: (row: OutputRow) => number;
  fill: (row: OutputRow, into: T) => void;
  /** The array that a row already has; saves a copy, a tenth of writing JSON lines. */
  of?: (row: OutputRow) => T | Uint32Array;
}

/** Lists of `int32`. */
export function int32List({ length, fill, of: own }: NumberList<Int32Array>) {
  const of = own ?? ((row: OutputRow) => filled(row, new Int32Array(length(row)), fill));
  return {
    type: listType(new Int32()),
    arrow: (rows: Rows) => numbers(rows, length, Int32Array, fill),
    json: (row: OutputRow) => `[${of(row).join()}]`,
    numbers: { type: "<i4", of },
  } as const satisfies Partial<Column>;
}

/** Lists of `uint8`. */
export function uint8List({ length, fill, of: own }: NumberList<Uint8Array>) {
  const of = own ?? ((row: OutputRow) => filled(row, new Uint8Array(length(row)), fill));
  return {
    type: listType(new Uint8()),
    arrow: (rows: Rows) => numbers(rows, length, Uint8Array, fill),
    json: (row: OutputRow) => `[${of(row).join()}]`,
    numbers: { type: "|u1", of },
  } as const satisfies Partial<Column>;
}

function filled<T extends NumberArray>(
  row: OutputRow,
  into: T,
  fill: (row: OutputRow, into: T) => void,
): T {
  fill(row, into);
  return into;
}

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

/** Numbers as Arrow data. */
export function integers(values: NumberArray): Data {
  const shape = { length: values.length, nullCount: 0 };
  return values instanceof Int32Array
    ? makeData({ type: new Int32(), data: values, ...shape })
    : makeData({ type: new Uint8(), data: values, ...shape });
}

/** A list column over the values of all rows. */
export function listOf(child: Data, valueOffsets: Int32Array, rows: Rows): Data {
  const type = listType(child.type);
  return makeData({ type, length: rows.length, valueOffsets, child, ...nulls(rows) });
}

function part<T extends NumberArray>(values: T, offsets: Int32Array, index: number): T {
  return values.subarray(offsets[index], offsets[index + 1]) as T;
}

/** Where each row's list starts, and where the last one ends. */
export function offsetsOf(rows: Rows, lengthOf: (row: OutputRow) => number): Int32Array {
  const offsets = new Int32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) {
    offsets[index + 1] = (offsets[index] ?? 0) + (row ? lengthOf(row) : 0);
  }
  return offsets;
}
