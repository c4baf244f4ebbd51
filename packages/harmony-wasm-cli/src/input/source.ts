/**
 * Opens an input: JSON lines (plain, gzip or zstd) from a file or stdin, or
 * Parquet. The format is detected from the first bytes, not from the name.
 */

import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CommandError, UsageError } from "../exit.ts";
import { hasCode } from "../files/write-all.ts";
import type { BatchSize, InputBatch } from "./batch.ts";
import { asLines, hasLines } from "./json-values.ts";
import { LineCutter, type LinePosition } from "./line-cutter.ts";
import { parquetBatches, parquetRows } from "./parquet.ts";
import { continued, digested } from "./position.ts";
import { zstdContent } from "./zstd.ts";

/** The kinds of input. */
export type InputKind = "jsonl" | "gzip" | "zstd" | "parquet";

const MAGIC: readonly [InputKind, readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["parquet", [0x50, 0x41, 0x52, 0x31]],
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
const START: LinePosition = { row: 0, offset: 0 };
const CHUNK_BYTES = 1024 * 1024;

/** An input that can be read from any position and reports its progress. */
export interface Source {
  kind: InputKind;
  /** Its size in bytes, or rows for Parquet; undefined for a stream. */
  total: number | undefined;
  /** How much of {@link total} has been read. */
  done: () => number;
  batches: () => AsyncGenerator<InputBatch>;
}

/** Opens `path`, or stdin for "-"; reading begins at `from`. */
export async function openSource(
  path: string,
  from: LinePosition,
  size: BatchSize,
): Promise<Source> {
  if (path === "-") return streamSource(process.stdin, "stdin", from, size);
  if (await isPipe(path)) return streamSource(createReadStream(path), path, from, size);
  const [kind, total] = await inspected(path);
  if (kind === "parquet") return parquetSource(path, from);
  const canSeek = kind === "jsonl" && from.offset > 0 && (await hasLines(createReadStream(path)));
  const start = canSeek ? from.offset : 0;
  const counted = new Counted(createReadStream(path, { start, highWaterMark: CHUNK_BYTES }), start);
  const content = decompressed(counted, kind);
  const lines = canSeek ? content : asLines(content);
  const batches = () => lineBatches(lines, from, size, canSeek);
  return { kind, total, done: () => counted.bytes, batches };
}

/** A named pipe, as `<(zcat rows.gz)` is one, can be read only once. */
async function isPipe(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice());
}

async function inspected(path: string): Promise<[InputKind, number]> {
  try {
    const { size } = await stat(path);
    const file = await open(path);
    try {
      const head = Buffer.alloc(4);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return [kindOf(head.subarray(0, bytesRead)), size];
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (hasCode(error, "ENOENT")) throw new CommandError(`${path} does not exist`);
    throw new CommandError(
      `${path} could not be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function kindOf(head: Uint8Array): InputKind {
  for (const [name, command, magic] of OTHER_COMPRESSIONS) {
    if (!startsWith(head, magic)) continue;
    throw new UsageError(
      `the input is compressed with ${name}: decompress it first, as in ${command} file | harmony render -`,
    );
  }
  return MAGIC.find(([, magic]) => startsWith(head, magic))?.[0] ?? "jsonl";
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

async function streamSource(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  from: LinePosition,
  size: BatchSize,
): Promise<Source> {
  const counted = new Counted(stream, 0);
  const kind = kindOf(await counted.peek());
  if (kind === "parquet") {
    throw new UsageError(`${name}: Parquet is read from its end, so pass it as a file`);
  }
  const lines = asLines(decompressed(counted, kind));
  const batches = () => continued(digested(cutBatches(new LineCutter(START, size), lines)), from);
  return { kind, total: undefined, done: () => counted.bytes, batches };
}

async function parquetSource(path: string, from: LinePosition): Promise<Source> {
  let done = from.row;
  async function* batches(): AsyncGenerator<InputBatch> {
    for await (const batch of parquetBatches(path, from.row)) {
      done = batch.firstRow + batch.length;
      yield batch;
    }
  }
  return { kind: "parquet", total: await parquetRows(path), done: () => done, batches };
}

/** Cuts lines; a stream that could not be opened at `from` is read up to there. */
async function* lineBatches(
  chunks: AsyncIterable<Uint8Array>,
  from: LinePosition,
  size: BatchSize,
  startsThere: boolean,
): AsyncGenerator<InputBatch> {
  const cutter = new LineCutter(startsThere ? from : START, size);
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

function decompressed(input: Counted, kind: InputKind): AsyncIterable<Uint8Array> {
  if (kind === "gzip") return withDamage(gunzipped(input), kind);
  return kind === "zstd" ? withDamage(zstdContent(input), kind) : input;
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
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the ${kind} input is damaged: ${detail}`);
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
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
  }
}
