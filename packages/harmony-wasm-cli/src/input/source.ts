/**
 * Opens one file from a store or stdin: JSON lines (plain, gzip or zstd), Arrow, or
 * Parquet. The format is detected from the first bytes, not from the name.
 */

import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CommandError, UsageError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import { type Position, START } from "../rows/position.ts";
import type { InputFile } from "../storage/input-file.ts";
import { ARROW_FILE_START, ARROW_STREAM_START, type ArrowKind, arrowBatches } from "./arrow.ts";
import { BATCH_SIZE, type BatchSize, type GivenBatch, type InputBatch } from "./batch.ts";
import { continued, digested } from "./continued.ts";
import { asLines, hasLines } from "./json-values.ts";
import { LineCutter } from "./line-cutter.ts";
import { openParquet, parquetBatches, parquetRows, presentColumns } from "./parquet.ts";
import { rowGroups } from "./row-groups.ts";
import { zstdContent } from "./zstd.ts";

/** The kinds of input. */
export type InputKind = "jsonl" | "gzip" | "zstd" | "parquet" | ArrowKind;

const MAGIC: readonly [InputKind, readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["parquet", [0x50, 0x41, 0x52, 0x31]],
  ["arrow", ARROW_FILE_START],
  ["arrows", ARROW_STREAM_START],
  // Skippable frames, by which pzstd starts: a zstd decompressor passes over them.
  ...Array.from({ length: 16 }, (_, low): [InputKind, number[]] => [
    "zstd",
    [0x50 + low, 0x2a, 0x4d, 0x18],
  ]),
];
/** Compressions that Node cannot read, with the command that does and their first bytes. */
const OTHER_COMPRESSIONS = [
  ["bzip2", "bzcat", [0x42, 0x5a, 0x68]],
  ["xz", "xzcat", [0xfd, 0x37, 0x7a, 0x58]],
] as const;
const CHUNK_BYTES = 1024 * 1024;

/** An input that can be read from any position and reports its progress. */
export interface Source {
  kind: InputKind;
  /** Its size in bytes, or rows for Parquet; undefined for a stream. */
  total: number | undefined;
  /** How much of {@link total} has been read. */
  done: () => number;
  batches: () => AsyncGenerator<InputBatch>;
  /** The same rows for threads that read row groups themselves, where there are such. */
  given?: () => AsyncGenerator<GivenBatch>;
}

/**
 * The batches of a file for threads that read row groups themselves. Of
 * Parquet, only `columns` are decoded, if it has the first of them; others cost time.
 */
export async function givenBatches(
  file: InputFile,
  columns?: readonly string[],
): Promise<AsyncGenerator<GivenBatch>> {
  const { given, batches } = await openFile(file, START, BATCH_SIZE, columns);
  return (given ?? batches)();
}

/**
 * Opens a file of any store; reading begins at `from`, a position in this file. Of Parquet, only
 * `columns` are decoded, if it has the first of them.
 */
export async function openFile(
  file: InputFile,
  from: Position,
  size: BatchSize,
  columns?: readonly string[],
): Promise<Source> {
  if (file.isStream) return streamSource(file, from, size);
  const { kind, read } = await recognised(file);
  const canSeek = kind === "jsonl" && from.offset > 0 && (await hasLines(file.read(0)));
  if (canSeek || kind === "parquet" || isArrow(kind)) await read.close();
  if (kind === "parquet") return parquetSource(file, from, size, columns);
  if (isArrow(kind)) return arrowSource(file, kind, from, size);
  const counted = canSeek ? new Counted(file.read(from.offset), from.offset) : read;
  const content = decompressed(counted, kind, file.name);
  const lines = canSeek ? content : asLines(content, file.name);
  const batches = () => lineBatches(lines, from, size, canSeek);
  return { kind, total: file.size, done: () => counted.bytes, batches };
}

/** A file's kind, and its bytes: it is opened once, because opening thousands takes time. */
async function recognised(file: InputFile): Promise<{ kind: InputKind; read: Counted }> {
  const read = new Counted(file.read(0), 0);
  try {
    return { kind: kindOf(await read.peek(), file.name), read };
  } catch (error) {
    await read.close();
    throw error;
  }
}

/** The first bytes, by which the format is detected. */
export async function startOf(file: InputFile): Promise<Uint8Array> {
  for await (const chunk of file.read(0)) return chunk;
  return new Uint8Array(0);
}

/** The kind of input that begins with these bytes; refuses compressions that are not read. */
export function kindOf(head: Uint8Array, name: string): InputKind {
  for (const [compression, command, magic] of OTHER_COMPRESSIONS) {
    if (!startsWith(head, magic)) continue;
    throw new UsageError(
      `${name}: the input is compressed with ${compression}: decompress it first, as in ${command} file | harmony render -`,
    );
  }
  return MAGIC.find(([, magic]) => startsWith(head, magic))?.[0] ?? "jsonl";
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

async function streamSource(file: InputFile, from: Position, size: BatchSize): Promise<Source> {
  const name = inputName(file.name);
  const counted = new Counted(file.read(0), 0);
  const kind = kindOf(await counted.peek(), name);
  if (kind === "parquet") {
    throw new UsageError(`${name}: Parquet is read from its end, so pass it as a file`);
  }
  const start = startOfFile(from);
  const read = () =>
    isArrow(kind)
      ? arrowBatches({ kind, file, chunks: counted }, start, rowsWithin(size))
      : cutBatches(new LineCutter(start, size), asLines(decompressed(counted, kind, name), name));
  const batches = () => continued(digested(read()), from, name);
  return { kind, total: undefined, done: () => counted.bytes, batches };
}

function isArrow(kind: InputKind): kind is ArrowKind {
  return kind === "arrow" || kind === "arrows";
}

function arrowSource(file: InputFile, kind: ArrowKind, from: Position, size: BatchSize): Source {
  let done = 0;
  async function* batches(): AsyncGenerator<InputBatch> {
    const input = { kind, file, chunks: file.read(0) };
    for await (const batch of arrowBatches(input, from, rowsWithin(size))) {
      if (batch.rows.kind === "arrow") done += batch.rows.ipc.length;
      yield batch;
    }
  }
  return { kind, total: file.size, done: () => Math.min(done, file.size ?? done), batches };
}

/** Rows of columns are not cut by their bytes, so a batch has the usual number of them at most. */
function rowsWithin(size: BatchSize): number {
  return Math.min(size.rows, BATCH_SIZE.rows);
}

async function parquetSource(
  file: InputFile,
  from: Position,
  size: BatchSize,
  columns?: readonly string[],
): Promise<Source> {
  const rows = rowsWithin(size);
  const opened = await openParquet(file);
  const decoded = columns && presentColumns(opened, columns);
  let done = from.row;
  async function* batches(): AsyncGenerator<InputBatch> {
    for await (const batch of parquetBatches(opened, from, rows, { columns: decoded })) {
      done = batch.firstRow + batch.length;
      yield batch;
    }
  }
  const source: Source = { kind: "parquet", total: parquetRows(opened), done: () => done, batches };
  return file.isLocal ? { ...source, given: () => rowGroups(opened, file, decoded) } : source;
}

/** The beginning of the file in which a position is. */
function startOfFile({ file = 0 }: Position): Position {
  return { ...START, file };
}

/** Cuts lines; a stream that could not be opened at `from` is read up to there. */
async function* lineBatches(
  chunks: AsyncIterable<Uint8Array>,
  from: Position,
  size: BatchSize,
  startsThere: boolean,
): AsyncGenerator<InputBatch> {
  const cutter = new LineCutter(startsThere ? from : startOfFile(from), size);
  for await (const batch of cutBatches(cutter, chunks)) {
    if (batch.firstRow >= from.row) yield batch;
  }
}

async function* cutBatches(
  cutter: LineCutter,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<InputBatch> {
  for await (const chunk of chunks) yield* cutter.push(chunk);
  yield* cutter.end();
}

function decompressed(input: Counted, kind: InputKind, name: string): AsyncIterable<Uint8Array> {
  if (kind === "gzip") return withDamage(gunzipped(input), kind, name);
  return kind === "zstd" ? withDamage(zstdContent(input), kind, name) : input;
}

/** All members of a gzip file. */
async function* gunzipped(input: Counted): AsyncGenerator<Uint8Array> {
  const output = createGunzip({ chunkSize: CHUNK_BYTES });
  const finished = pipeline(input, output).catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  yield* output;
  await finished;
}

/** Reports a damaged archive, after the rows before the damage. */
async function* withDamage(
  content: AsyncIterable<Uint8Array>,
  kind: InputKind,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    if (error instanceof CommandError) throw error; // The file could not be read.
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${name}: the ${kind} input is damaged: ${detail}`);
  }
}

/** Counts the bytes that pass, and can peek at the first chunk. */
class Counted implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #first: Uint8Array | undefined;
  bytes: number;

  constructor(chunks: AsyncIterable<Uint8Array>, start: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.bytes = start;
  }

  async peek(): Promise<Uint8Array> {
    const next = await this.#chunks.next();
    this.#first = next.done ? new Uint8Array(0) : next.value;
    return this.#first;
  }

  /** Closes a file that is not read to its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      if (this.#first) {
        this.bytes += this.#first.length;
        yield this.#first;
        this.#first = undefined;
      }
      for (;;) {
        const next = await this.#chunks.next();
        if (next.done) return;
        this.bytes += next.value.length;
        yield next.value;
      }
    } finally {
      await this.close();
    }
  }
}
