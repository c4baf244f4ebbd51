/**
 * Rows of token ids from any program: JSON lines (an array, or an object with a
 * column of ids), Parquet, or Arrow files. The other columns are kept.
 */

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type RecordBatch, RecordBatchReader, StructRow, Vector } from "apache-arrow";
import { CommandError } from "../exit.ts";
import { BATCH_SIZE, type InputBatch } from "./batch.ts";
import { rowTexts } from "./row-texts.ts";
import { openSource } from "./source.ts";

/** The column of ids that most trainers read. */
export const IDS_COLUMN = "input_ids";

/** One row: its ids, and its other columns as plain values. */
export interface IdRow {
  row: number;
  ids: Uint32Array;
  fields: Readonly<Record<string, unknown>>;
}

const ARROW_MAGIC = "ARROW1";

/** The rows of a file; `column` has the ids. */
export async function* idRows(path: string, column: string): AsyncGenerator<IdRow> {
  const first = await startOf(path);
  if (first.toString("latin1", 0, ARROW_MAGIC.length) === ARROW_MAGIC) {
    yield* arrowFileRows(path, column);
    return;
  }
  const source = await openSource(path, { row: 0, offset: 0 }, BATCH_SIZE);
  for await (const batch of source.batches()) {
    yield* batch.rows.kind === "lines"
      ? jsonRows(batch, column, path)
      : arrowBatchRows(batch.rows.ipc, batch.firstRow, column, path);
  }
}

/** The rows of JSON lines that are already open. */
export async function* openedIdRows(
  batches: AsyncIterable<InputBatch>,
  column: string,
): AsyncGenerator<IdRow> {
  for await (const batch of batches) yield* jsonRows(batch, column, "stdin");
}

/** Reads each batch from its place; a stream would read the whole file into memory. */
async function* arrowFileRows(path: string, column: string): AsyncGenerator<IdRow> {
  const file = await open(path);
  try {
    let row = 0;
    for await (const batch of await RecordBatchReader.from(file)) {
      yield* arrowRows(batch, row, column, path);
      row += batch.numRows;
    }
  } finally {
    await file.close();
  }
}

/** The metadata of a file; empty if it has none. */
export async function metadataOf(path: string): Promise<ReadonlyMap<string, string>> {
  const first = await startOf(path);
  if (first.toString("latin1", 0, 4) === "PAR1") {
    const { asyncBufferFromFile, parquetMetadataAsync } = await import("hyparquet");
    const { key_value_metadata } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    return new Map((key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
  }
  if (first.toString("latin1", 0, ARROW_MAGIC.length) !== ARROW_MAGIC) return new Map();
  const file = await open(path);
  try {
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    return reader.schema.metadata;
  } finally {
    await file.close();
  }
}

/** Whether a file is Parquet or Arrow, so that ids can only come from a column. */
export async function isTable(path: string): Promise<boolean> {
  const first = (await startOf(path)).toString("latin1");
  return first.startsWith("PAR1") || first.startsWith(ARROW_MAGIC);
}

async function startOf(path: string): Promise<Buffer> {
  if (path === "-") return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: 7 })) chunks.push(chunk);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${path} could not be read: ${detail}`);
  }
  return Buffer.concat(chunks);
}

/** The rows of a batch of lines. */
export function* jsonRows(batch: InputBatch, column: string, path: string): Generator<IdRow> {
  for (const { row, text, error } of rowTexts(batch)) {
    if (error) throw new CommandError(`${path}, row ${row}: ${error.message}`);
    const value = parsed(text, path, row);
    const fields = Array.isArray(value) ? { [column]: value } : Object(value);
    yield { row, fields, ids: checkedIds(fields[column], column, path, row) };
  }
}

function parsed(text: string, path: string, row: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${path}, row ${row}: invalid JSON: ${detail}`);
  }
}

function* arrowBatchRows(
  ipc: Uint8Array,
  firstRow: number,
  column: string,
  path: string,
): Generator<IdRow> {
  let row = firstRow;
  for (const batch of RecordBatchReader.from(ipc)) {
    yield* arrowRows(batch, row, column, path);
    row += batch.numRows;
  }
}

function* arrowRows(
  batch: RecordBatch,
  firstRow: number,
  column: string,
  path: string,
): Generator<IdRow> {
  const vector = batch.getChild(column);
  if (!vector) {
    const names = batch.schema.fields.map(({ name }) => name).join(", ");
    throw new CommandError(`${path} has no column "${column}"; its columns are ${names}`);
  }
  for (let index = 0; index < batch.numRows; index += 1) {
    const ids = checkedIds(vector.get(index), column, path, firstRow + index);
    const fields = new LazyFields(batch, index);
    yield { row: firstRow + index, ids, fields: fields.proxy };
  }
}

/** The columns of an Arrow row, converted to plain values on access. */
class LazyFields {
  readonly proxy: Readonly<Record<string, unknown>>;

  constructor(batch: RecordBatch, index: number) {
    const properties = batch.schema.fields.map(({ name }) => {
      const get = () => plain(batch.getChild(name)?.get(index));
      return [name, { enumerable: true, get }] as const;
    });
    this.proxy = Object.defineProperties({}, Object.fromEntries(properties));
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Vector) return Array.from(value, plain);
  if (!(value instanceof StructRow)) return value ?? undefined;
  return Object.fromEntries(Array.from(value, ([name, field]) => [name, plain(field)]));
}

function checkedIds(value: unknown, column: string, path: string, row: number): Uint32Array {
  const ids: unknown = value instanceof Vector ? value.toArray() : value;
  const isList = Array.isArray(ids) || ArrayBuffer.isView(ids);
  if (!isList)
    throw new CommandError(`${path}, row ${row}: "${column}" expected a list of token ids`);
  const numbers = Array.from(ids as ArrayLike<unknown>, Number);
  const wrong = numbers.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 0xffffffff);
  if (wrong < 0) return Uint32Array.from(numbers);
  throw new CommandError(
    `${path}, row ${row}: "${column}[${wrong}]" expected a token id, got ${numbers[wrong]}`,
  );
}
