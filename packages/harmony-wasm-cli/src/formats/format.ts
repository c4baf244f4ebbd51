/**
 * The two sides of a file format. A worker encodes batches into bytes, which are
 * appended in order; at the end the main thread writes the footer or header that
 * needs the whole file. So the bytes do not depend on which worker made them.
 */

import type { Schema } from "apache-arrow";
import type { ColumnName } from "../columns/columns.ts";
import type { OutputRow } from "../rows/output-row.ts";

/** The formats. */
export const FORMAT_NAMES = ["parquet", "arrow", "arrows", "jsonl", "npy", "megatron"] as const;
/** One of {@link FORMAT_NAMES}. */
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How Parquet and JSON lines are compressed. */
export const COMPRESSIONS = ["none", "snappy", "zstd", "gzip"] as const;
/** One of {@link COMPRESSIONS}. */
export type Compression = (typeof COMPRESSIONS)[number];

/** The size of a row group: that of the rows of a whole batch, of which none is left out. */
export interface RowGroupSize {
  rows: number;
  ids: number;
}

/** How rows are written: plain data, sent to the workers. */
export interface FormatOptions {
  format: FormatName;
  columns: readonly ColumnName[];
  /** Fields of the input rows that the output has too, after the columns. */
  carry: readonly string[];
  compression: Compression;
  metadata: Map<string, string>;
  rowGroup: RowGroupSize;
}

/** The options with the Arrow schema, which cannot be sent. */
export interface FormatContext extends FormatOptions {
  schema: Schema;
}

/** Bytes for one of the output's files. */
export interface FileBytes {
  /** Which file: the name that {@link Layout.files} gives it. */
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A batch as bytes, and the part of it that the footer needs, as JSON. */
export interface EncodedBatch {
  parts: FileBytes[];
  meta?: unknown;
}

/** The worker's side of a format. */
export type Encode = (rows: readonly OutputRow[]) => EncodedBatch;

/** Rows of one split that are too few to be encoded alone, serialized. */
export interface FewRows {
  /** Empty without `--split`. */
  split: string;
  /** Their length and then they, so that several can be read one after another. */
  bytes: Uint8Array<ArrayBuffer>;
  rows: number;
  ids: number;
  /** The bytes that they would take as a row group, by which `--shard-size` counts; else 0. */
  encodedBytes: number;
}

/** A batch of which some rows may be too few to be encoded alone. */
export interface PartlyEncodedBatch extends EncodedBatch {
  few: readonly FewRows[];
}

/** One of the files of an output. */
export interface OutputFile {
  file: string;
  /** Its final path. */
  path: string;
}

/** The `meta` of a batch with rows, and the start of its bytes in each file. */
export interface WrittenBatch {
  meta: unknown;
  starts: Readonly<Record<string, number>>;
}

/** The bytes written so far, for the last step. */
export interface Written {
  /** Every batch with rows. */
  batches: () => AsyncIterable<WrittenBatch>;
  /** The length of a file. */
  lengthOf: (file: string) => number;
  /** A file's bytes. */
  read: (file: string) => AsyncIterable<Uint8Array>;
}

/** The last bytes of a file: appended, or written over its beginning. */
export interface LastBytes {
  file: string;
  bytes: Uint8Array;
  atStart?: boolean;
}

/** Encodes rows of one split in another thread. */
export type EncodeInThread = (few: readonly FewRows[]) => Promise<EncodedBatch>;

/** The files of an output. The first is the one that the user named. */
export interface FileLayout {
  files: OutputFile[];
  /** The bytes before the first batch. */
  heads: FileBytes[];
  finish: (written: Written) => AsyncIterable<LastBytes>;
}

/** The main thread's side of a format. */
export interface Layout extends FileLayout {
  rowGroup: RowGroupSize;
  /** Encodes rows that have waited, by their split; none in formats whose batches leave no trace. */
  encoders: ReadonlyMap<string, Encode>;
  /** The same, while other work goes on. */
  encodeInThread: EncodeInThread;
}
