/**
 * What a file format has to say: a worker encodes batches into bytes that are
 * appended in order, and at the end the main thread writes what only then is
 * known, a footer or a header. So the bytes of a file do not depend on which
 * worker made them.
 */

import type { Schema } from "apache-arrow";
import type { ColumnName } from "../columns/names.ts";
import type { OutputRow } from "../columns/output-row.ts";

/** The formats. */
export const FORMAT_NAMES = ["parquet", "arrow", "jsonl", "npy", "megatron"] as const;
/** One of {@link FORMAT_NAMES}. */
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How Parquet and JSON lines are compressed. */
export const COMPRESSIONS = ["none", "snappy", "zstd", "gzip"] as const;
/** One of {@link COMPRESSIONS}. */
export type Compression = (typeof COMPRESSIONS)[number];

/** What both sides of a format know. */
export interface FormatContext {
  format: FormatName;
  columns: readonly ColumnName[];
  compression: Compression;
  metadata: Map<string, string>;
  schema: Schema;
}

/** Bytes for one of the output's files. */
export interface FileBytes {
  /** Which file: the name that {@link Layout.files} gives it. */
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A batch as bytes, and what the footer has to know of it, as JSON. */
export interface EncodedBatch {
  parts: FileBytes[];
  meta?: unknown;
}

/** The worker's side. */
export type Encode = (rows: readonly OutputRow[]) => EncodedBatch;

/** One of the files of an output. */
export interface OutputFile {
  file: string;
  /** Its final path. */
  path: string;
}

/** What has been written, for the last step. */
export interface Written {
  /** The `meta` of every batch with rows, and where its bytes begin in each file. */
  batches: () => AsyncIterable<{ meta: unknown; starts: Readonly<Record<string, number>> }>;
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

/** The main thread's side. The first file is the one that the user named. */
export interface Layout {
  files: OutputFile[];
  /** What stands before the first batch. */
  heads: FileBytes[];
  finish: (written: Written) => AsyncIterable<LastBytes>;
}
