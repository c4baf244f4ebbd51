/**
 * The rows of a Parquet file, batch by batch. parquet-wasm decodes a row group
 * incrementally, which matters for row groups of a million rows.
 */

import { openAsBlob } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import type { ParquetFile, RecordBatch } from "parquet-wasm/node";
import { CommandError } from "../exit.ts";
import { owned } from "../files/bytes.ts";
import { BATCH_SIZE, type InputBatch } from "./batch.ts";

async function openParquet(path: string) {
  const { ParquetFile } = await import("parquet-wasm/node");
  try {
    return await ParquetFile.fromFile(await openAsBlob(path));
  } catch (error) {
    throw new CommandError(`${path} could not be read as Parquet: ${error}`);
  }
}

/** The number of rows. */
export async function parquetRows(path: string): Promise<number> {
  const file = await openParquet(path);
  return file.metadata().fileMetadata().numRows();
}

/**
 * The batches from a row on, which must be the start of a batch. Only `columns`
 * are decoded, if the file has the first of them.
 */
export async function* parquetBatches(
  path: string,
  from: number,
  columns?: readonly string[],
): AsyncGenerator<InputBatch> {
  const file = await openParquet(path);
  const stream: ReadableStream<RecordBatch> = await file.stream({
    batchSize: BATCH_SIZE.rows,
    ...(columns && { columns: presentColumns(file, columns) }),
  });
  let firstRow = 0;
  for await (const batch of stream) {
    const length = batch.numRows;
    const ipc = owned(batch.intoIPCStream());
    const nextOffset = firstRow + length;
    if (firstRow >= from) yield { rows: { kind: "arrow", ipc }, firstRow, length, nextOffset };
    firstRow += length;
  }
}

/** The wanted columns that a file has; all of its columns if it lacks the first, for the error. */
function presentColumns(file: ParquetFile, wanted: readonly string[]): string[] {
  const { schema } = tableFromIPC(file.schema().intoIPCStream());
  const names = schema.fields.map(({ name }) => name);
  return names.includes(wanted[0] ?? "") ? names.filter((name) => wanted.includes(name)) : names;
}
