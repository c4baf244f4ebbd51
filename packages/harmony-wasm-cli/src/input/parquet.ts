/**
 * The rows of a Parquet file, batch by batch. parquet-wasm decodes a row group
 * incrementally, which matters for row groups of a million rows.
 */

import { tableFromIPC } from "apache-arrow";
import type { ParquetFile, RecordBatch } from "parquet-wasm/node";
import { CommandError } from "../exit.ts";
import { owned } from "../files/bytes.ts";
import type { Position } from "../rows/position.ts";
import type { InputFile } from "../storage/input-file.ts";
import type { InputBatch } from "./batch.ts";

/** Opens a file by its footer. */
export async function openParquet(file: InputFile): Promise<ParquetFile> {
  const { ParquetFile } = await import("parquet-wasm/node");
  try {
    return await ParquetFile.fromFile(await file.blob());
  } catch (error) {
    throw new CommandError(`${file.name} could not be read as Parquet: ${error}`);
  }
}

/** The number of rows. */
export function parquetRows(opened: ParquetFile): number {
  return opened.metadata().fileMetadata().numRows();
}

/** What is decoded of a file: everything, or a part. */
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
  opened: ParquetFile,
  from: Position,
  rows: number,
  { columns, rowGroup }: ParquetPart = {},
): AsyncGenerator<InputBatch> {
  const stream: ReadableStream<RecordBatch> = await opened.stream({
    batchSize: rows,
    ...(columns && { columns: [...columns] }),
    ...(rowGroup && { rowGroups: [rowGroup.index] }),
  });
  const file = from.file ?? 0;
  let firstRow = rowGroup?.firstRow ?? 0;
  let ordinal = 0;
  for await (const batch of stream) {
    const length = batch.numRows;
    const ipc = owned(batch.intoIPCStream());
    const nextOffset = firstRow + length;
    const content = { kind: "arrow", ipc } as const;
    if (firstRow >= from.row) yield { rows: content, file, ordinal, firstRow, length, nextOffset };
    firstRow += length;
    ordinal += 1;
  }
}

/** The wanted columns that a file has; all of its columns if it lacks the first, for the error. */
export function presentColumns(file: ParquetFile, wanted: readonly string[]): string[] {
  const { schema } = tableFromIPC(file.schema().intoIPCStream());
  const names = schema.fields.map(({ name }) => name);
  return names.includes(wanted[0] ?? "") ? names.filter((name) => wanted.includes(name)) : names;
}
