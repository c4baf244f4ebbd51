/**
 * The unit of work: consecutive rows of the input. Where a batch ends depends
 * on the input alone, so that the output does not depend on the workers.
 */

import type { RowError } from "../rows/row-error.ts";

/** Lines of JSON, as bytes that move to a worker without a copy. */
export interface LineBatch {
  kind: "lines";
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each line ends in `bytes`, its line feed included. */
  ends: Uint32Array<ArrayBuffer>;
  /** The indices of lines that are too long; only their beginning is kept. */
  tooLong: readonly number[];
}

/** Rows of a Parquet file, as an Arrow IPC stream. */
export interface ArrowBatch {
  kind: "arrow";
  ipc: Uint8Array<ArrayBuffer>;
}

/** Rows of any files, one record of `stored-rows.ts` after another. */
export interface StoredRows {
  kind: "stored";
  bytes: Uint8Array<ArrayBuffer>;
}

/** A row group of a Parquet file on this machine, which the thread that works on it reads itself. */
export interface RowGroup {
  kind: "rowGroup";
  path: string;
  index: number;
  /** Its size before compression. */
  bytes: number;
  /** The columns to decode; all if absent. */
  columns: readonly string[] | undefined;
}

/** Rows and their place in the input. */
interface Batch<Rows> {
  rows: Rows;
  /** Its file: an index into the files of the run, 0 where there is only one. */
  file: number;
  /** The number of the batch in its file, from 0. */
  ordinal: number;
  /** The number of its first row in the file, from 0. */
  firstRow: number;
  /** The number of rows, including empty lines. */
  length: number;
  /** Where the next batch begins, in uncompressed bytes. */
  nextOffset: number;
  /** The digest of the input up to the end of the batch; only for stdin. */
  digest?: string;
}

/** A batch whose rows are in memory. */
export type InputBatch = Batch<LineBatch | ArrowBatch | StoredRows>;

/** A batch, or where its rows are. */
export type GivenBatch = Batch<InputBatch["rows"] | RowGroup>;

/** The text of a row, or its error with a readable form of the row. */
export interface RowText {
  /** Its file: an index into the files of the run. */
  file: number;
  row: number;
  text: string;
  error?: RowError;
  /** The bytes of a line that is not UTF-8. */
  bytes?: Uint8Array;
  /** The JSON text of all fields, where {@link text} is only one of them. */
  fields?: () => string;
}

/** The most that one batch holds. */
export interface BatchSize {
  rows: number;
  bytes: number;
}

/**
 * A thousand rows keep the queues of workers short. Batches of half a megabyte need as much memory
 * (docs/scale.md), and batches of 4 MB are not faster.
 */
export const BATCH_SIZE: BatchSize = { rows: 1024, bytes: 1024 * 1024 };

/** Longer lines are rejected: memory could not hold the several copies that rendering makes. */
export const MOST_LINE_BYTES = 64 * 1024 * 1024;

/** About as many bytes of JSON become an id. */
export const BYTES_PER_ID = 4;

/** Packs per batch: packing by batches then wastes less than a percent. */
const PACKS_IN_BATCH = 64;
const MOST_PACKED_BYTES = 64 * 1024 * 1024;

/** The least bytes of a batch: smaller ones cost more than they hold. */
const LEAST_BYTES = 64 * 1024;

/** The batch size for parts that hold at most this much: whole batches fill a part of rows. */
export function batchSizeWithin(most: Partial<BatchSize>): BatchSize {
  const partRows = most.rows ?? BATCH_SIZE.rows;
  const rows = Math.floor(partRows / Math.ceil(partRows / BATCH_SIZE.rows));
  const bytes = Math.min(BATCH_SIZE.bytes, most.bytes ?? BATCH_SIZE.bytes);
  return { rows, bytes: Math.max(LEAST_BYTES, bytes) };
}

/** The batch size; the samples of a batch are packed together. */
export function batchSizeFor(packLength: number | undefined): BatchSize {
  if (packLength === undefined) return BATCH_SIZE;
  const wanted = packLength * PACKS_IN_BATCH * BYTES_PER_ID;
  const bytes = Math.min(MOST_PACKED_BYTES, Math.max(BATCH_SIZE.bytes, wanted));
  return { rows: BATCH_SIZE.rows * 64, bytes };
}
