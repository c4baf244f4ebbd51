/**
 * A column of the output, described once: its Arrow type and data, its JSON, its
 * bare numbers for NumPy and Megatron, and its row in the docs.
 */

import type { Data, DataType } from "apache-arrow";
import type { OutputRow } from "../rows/output-row.ts";

/** Rows of a batch; an undefined row failed and becomes a null. */
export type Rows = readonly (OutputRow | undefined)[];

/** NumPy's names of the number types. */
export type NumpyType = "<i4" | "<i8" | "|u1";

/** A column as bare numbers. */
export interface Numbers {
  type: NumpyType;
  of: (row: OutputRow) => Int32Array | Uint32Array | Uint8Array | BigInt64Array;
}

/** One column. */
export interface Column {
  type: DataType;
  /** Its row in docs/arrow-stdio.md, after the type. */
  note?: string;
  /** Which rows have it: samples, packs, or both. */
  in: "samples" | "packs" | "both";
  /** Its Arrow data; `sources` has the input row of every row, failed ones included. */
  arrow: (rows: Rows, sources: BigInt64Array) => Data;
  json: (row: OutputRow) => string;
  /** Absent where a row's value is not a list of numbers or a number. */
  numbers?: Numbers;
  /** Whether Megatron's data set can have it: one number for each id. */
  inMegatron: boolean;
}
