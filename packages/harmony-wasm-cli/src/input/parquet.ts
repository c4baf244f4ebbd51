/**
 * The rows of a Parquet file, batch by batch. parquet-wasm decodes a row group
 * incrementally, which matters for row groups of a million rows.
 */

import { openAsBlob } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import type { RecordBatch } from "parquet-wasm/node";
import { CommandError } from "../exit.ts";
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

/** The batches from a row on, which must be the start of a batch. */
export async function* parquetBatches(path: string, from: number): AsyncGenerator<InputBatch> {
  const file = await openParquet(path);
  const stream: ReadableStream<RecordBatch> = await file.stream({ batchSize: BATCH_SIZE.rows });
  let firstRow = 0;
  for await (const batch of stream) {
    const ipc = new Uint8Array(batch.intoIPCStream());
    const { numRows: length } = tableFromIPC(ipc);
    const nextOffset = firstRow + length;
    if (firstRow >= from) yield { rows: { kind: "arrow", ipc }, firstRow, length, nextOffset };
    firstRow += length;
  }
}
