/**
 * The rows of a Parquet file, batch by batch. parquet-wasm decodes a row group
 * incrementally, which matters for row groups of a million rows.
 */

import { tableFromIPC } from "apache-arrow";
import type { ParquetFile, RecordBatch } from "parquet-wasm/node";
import { owned } from "../files/bytes.ts";
import type { Position } from "../rows/position.ts";
import type { InputFile } from "../storage/input-file.ts";
import type { InputBatch } from "./batch.ts";
import { decoded } from "./decoding.ts";

/** An open file, with its name for errors. */
export interface OpenedParquet {
  name: string;
  parquet: ParquetFile;
}

/** Opens a file by its footer. */
export async function openParquet(file: InputFile): Promise<OpenedParquet> {
  const { ParquetFile } = await import("parquet-wasm/node");
  const { name } = file;
  const parquet = await decoded(name, async () => ParquetFile.fromFile(await file.blob()));
  return { name, parquet };
}

/** The number of rows. */
export function parquetRows({ parquet }: OpenedParquet): number {
  return parquet.metadata().fileMetadata().numRows();
}

/** The part of a file to decode; by default, all of it. */
export interface ParquetPart {
  columns?: readonly string[] | undefined;
  /** One row group, and the number of its first row. */
  rowGroup?: { index: number; firstRow: number };
}

/**
 * The batches from a row on, which must be the start of a batch of at most `rows`
 * rows.
 */
export async function* parquetBatches(
  { name, parquet }: OpenedParquet,
  from: Position,
  rows: number,
  { columns, rowGroup }: ParquetPart = {},
): AsyncGenerator<InputBatch> {
  const options = {
    batchSize: rows,
    ...(columns && { columns: [...columns] }),
    ...(rowGroup && { rowGroups: [rowGroup.index] }),
  };
  const stream = await decoded(name, () => parquet.stream(options));
  const file = from.file ?? 0;
  let firstRow = rowGroup?.firstRow ?? 0;
  let ordinal = 0;
  for await (const { length, ipc } of decodedBatches(stream, name)) {
    const nextOffset = firstRow + length;
    const content = { kind: "arrow", ipc } as const;
    if (firstRow >= from.row) yield { rows: content, file, ordinal, firstRow, length, nextOffset };
    firstRow += length;
    ordinal += 1;
  }
}

interface DecodedBatch {
  length: number;
  ipc: Uint8Array<ArrayBuffer>;
}

async function* decodedBatches(
  stream: ReadableStream<RecordBatch>,
  name: string,
): AsyncGenerator<DecodedBatch> {
  const reader = stream.getReader();
  const next = () => reader.read().then(({ value }) => value && copied(value));
  let isOver = false;
  try {
    for (;;) {
      isOver = true; // Unless there is a batch: a decoder that failed cannot be stopped.
      const batch = await decoded(name, next);
      if (!batch) return;
      isOver = false;
      yield batch;
    }
  } finally {
    if (!isOver) await reader.cancel();
  }
}

function copied(batch: RecordBatch): DecodedBatch {
  return { length: batch.numRows, ipc: owned(batch.intoIPCStream()) };
}

/** The wanted columns that a file has; all of its columns if it lacks the first, for the error. */
export function presentColumns({ parquet }: OpenedParquet, wanted: readonly string[]): string[] {
  const { schema } = tableFromIPC(parquet.schema().intoIPCStream());
  const names = schema.fields.map(({ name }) => name);
  return names.includes(wanted[0] ?? "") ? names.filter((name) => wanted.includes(name)) : names;
}
