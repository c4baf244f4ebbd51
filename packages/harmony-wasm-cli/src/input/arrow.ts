/**
 * The rows of an Arrow stream or file, batch by batch. A file is read by the list of
 * its record batches, which is at its end; a stream from its start. A record batch
 * has to fit into memory.
 */

import { type FileHandle, open } from "node:fs/promises";
import { type RecordBatch, RecordBatchReader } from "apache-arrow";
import { refuseDamaged } from "../arrow/damage.ts";
import { wholeStream } from "../arrow/ipc.ts";
import { unreadReason } from "../arrow/unread.ts";
import { CommandError, UsageError } from "../exit.ts";
import { owned } from "../files/bytes.ts";
import { inputName } from "../files/input-name.ts";
import type { Position } from "../rows/position.ts";
import type { InputFile } from "../storage/input-file.ts";
import type { InputBatch } from "./batch.ts";

/** The first bytes of a file. */
export const ARROW_FILE_START: readonly number[] = [...Buffer.from("ARROW1")];

/** A stream begins with the continuation marker of its first message. */
export const ARROW_STREAM_START: readonly number[] = [0xff, 0xff, 0xff, 0xff];

/** Either format. */
export type ArrowKind = "arrow" | "arrows";

/** A file with one of them. */
export interface ArrowInput {
  kind: ArrowKind;
  file: InputFile;
  /** The bytes of a stream. */
  chunks: AsyncIterable<Uint8Array>;
}

/** The batches from a row on, which must be the start of a batch of at most `rows` rows. */
export async function* arrowBatches(
  input: ArrowInput,
  from: Position,
  rows: number,
): AsyncGenerator<InputBatch> {
  const file = from.file ?? 0;
  let firstRow = 0;
  let ordinal = 0;
  for await (const batch of recordBatches(input)) {
    for (let start = 0; start < batch.numRows; start += rows) {
      const length = Math.min(rows, batch.numRows - start);
      const place = { file, ordinal, firstRow, length, nextOffset: firstRow + length };
      if (firstRow >= from.row) {
        const ipc = owned(wholeStream(batch.slice(start, start + length)));
        yield { rows: { kind: "arrow", ipc }, ...place };
      }
      firstRow += length;
      ordinal += 1;
    }
  }
}

/** The metadata of the schema. */
export async function arrowMetadata(
  file: InputFile,
  kind: ArrowKind,
): Promise<ReadonlyMap<string, string>> {
  const { reader, close } = await opened({ kind, file, chunks: file.read(0) });
  await close();
  return reader.schema.metadata;
}

/** The record batches; an error of the input names it. */
async function* recordBatches(input: ArrowInput): AsyncGenerator<RecordBatch> {
  const { reader, close } = await opened(input);
  try {
    for await (const batch of reader) {
      refuseDamaged(batch);
      yield batch;
    }
  } catch (error) {
    throw named(error, input.file);
  } finally {
    await close();
  }
}

type AsyncReader = Awaited<ReturnType<typeof readerOf>>;

interface OpenedReader {
  reader: AsyncReader;
  close: () => Promise<unknown>;
}

async function opened({ kind, file, chunks }: ArrowInput): Promise<OpenedReader> {
  const handle = kind === "arrow" ? await open(onDisk(file)) : undefined;
  try {
    if (handle) await refuseCut(handle);
    const reader = await readerOf(handle ?? chunks);
    return { reader, close: async () => (handle ? handle.close() : reader.cancel()) };
  } catch (error) {
    await handle?.close();
    throw named(error, file);
  }
}

async function readerOf(source: FileHandle | AsyncIterable<Uint8Array>) {
  const reader =
    "fd" in source ? await RecordBatchReader.from(source) : await RecordBatchReader.from(source);
  return reader.open();
}

/** Without its end, which repeats the first bytes, a file has no list of batches. */
async function refuseCut(handle: FileHandle): Promise<void> {
  const { length } = ARROW_FILE_START;
  const { size } = await handle.stat();
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, Math.max(0, size - length));
  if (ARROW_FILE_START.some((byte, index) => buffer[index] !== byte)) {
    throw new Error("its end is missing");
  }
}

function named(error: unknown, { name }: InputFile): CommandError {
  if (error instanceof CommandError) return error; // The file could not be read.
  const detail = error instanceof Error ? error.message : String(error);
  return new CommandError(
    `${inputName(name)}: ${unreadReason(detail) ?? `the Arrow input is damaged: ${detail}`}`,
  );
}

/** Arrow's reader of files needs one of this machine. */
function onDisk({ name, isStream, isLocal }: InputFile): string {
  if (!isStream && isLocal) return name;
  throw new UsageError(
    `${inputName(name)}: an Arrow file is read from its end, so pass it as a file on a disk; an Arrow stream can be anywhere`,
  );
}
