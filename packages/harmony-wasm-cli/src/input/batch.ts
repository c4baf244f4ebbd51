/**
 * The unit of work: consecutive rows of the input. Where a batch ends depends
 * on the input alone, so that the output does not depend on the workers.
 */

/** Lines of JSON, as bytes that move to a worker without a copy. */
export interface LineBatch {
  kind: "lines";
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each line ends in `bytes`, its line feed included. */
  ends: Uint32Array<ArrayBuffer>;
  /** The lines that were too long, of which only the beginning is there. */
  tooLong: readonly number[];
}

/** Rows of a Parquet file, as an Arrow IPC stream. */
export interface ArrowBatch {
  kind: "arrow";
  ipc: Uint8Array<ArrayBuffer>;
}

/** A batch and where it stands. */
export interface InputBatch {
  rows: LineBatch | ArrowBatch;
  /** The number of its first row, from 0. */
  firstRow: number;
  /** How many rows there are, empty lines included. */
  length: number;
  /** Where the next batch begins: a position in the uncompressed bytes. */
  nextOffset: number;
  /** The digest of the input up to the batch's end; of stdin only. */
  digest?: string;
}

/** How much one batch holds at most. */
export interface BatchSize {
  rows: number;
  bytes: number;
}

/** A thousand rows are a row group of some megabytes, and keep workers' queues short. */
export const BATCH_SIZE: BatchSize = { rows: 1024, bytes: 4 * 1024 * 1024 };

/** A longer line is rejected: it would not fit into memory several times over. */
export const MOST_LINE_BYTES = 64 * 1024 * 1024;

/** Ids in a pack, and bytes of JSON for an id: what packing by batches wastes stays below a percent. */
const PACKS_IN_BATCH = 64;
const BYTES_PER_ID = 4;
const MOST_PACKED_BYTES = 64 * 1024 * 1024;

/** How large batches are whose samples are packed among themselves. */
export function batchSizeFor(packLength: number | undefined): BatchSize {
  if (packLength === undefined) return BATCH_SIZE;
  const wanted = packLength * PACKS_IN_BATCH * BYTES_PER_ID;
  const bytes = Math.min(MOST_PACKED_BYTES, Math.max(BATCH_SIZE.bytes, wanted));
  return { rows: BATCH_SIZE.rows * 64, bytes };
}
