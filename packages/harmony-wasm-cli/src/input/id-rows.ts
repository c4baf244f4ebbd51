/**
 * Rows of token ids from any program: JSON lines (an array, or an object with a
 * column of ids), Parquet, or Arrow. The other columns are kept.
 */

import { type RecordBatch, RecordBatchReader, StructRow, Vector } from "apache-arrow";
import { CommandError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import type { InputFile } from "../storage/input-file.ts";
import { arrowMetadata } from "./arrow.ts";
import type { InputBatch } from "./batch.ts";
import { inputFile } from "./inputs.ts";
import { numberList, numbersAt } from "./number-list.ts";
import { loaded } from "./row-groups.ts";
import { rowTexts } from "./row-texts.ts";
import { givenBatches, type InputKind, kindOf, startOf } from "./source.ts";

/** The column of ids that most trainers read. */
export const IDS_COLUMN = "input_ids";

/** How much of a wrong value an error shows. */
const MOST_SHOWN = 40;

/** One row: its ids, and its other columns as plain values. */
export interface IdRow {
  row: number;
  ids: Uint32Array;
  fields: Readonly<Record<string, unknown>>;
}

/** A file and its column of ids. */
export interface IdFile {
  path: string;
  column: string;
}

/** The rows of a file; their fields are its ids alone. */
export async function* idRows(file: IdFile): AsyncGenerator<IdRow> {
  for await (const given of await givenBatches(await inputFile(file.path), [file.column])) {
    for await (const batch of loaded(given)) yield* idRowsIn(batch, file);
  }
}

/** The rows of a batch. */
export function* idRowsIn(batch: InputBatch, file: IdFile): Generator<IdRow> {
  if (batch.rows.kind !== "arrow") {
    yield* jsonRows(batch, file);
    return;
  }
  let row = batch.firstRow;
  for (const part of RecordBatchReader.from(batch.rows.ipc)) {
    yield* arrowRows(part, row, file);
    row += part.numRows;
  }
}

/** The metadata of a file; empty if it has none. */
export async function metadataOf(path: string): Promise<ReadonlyMap<string, string>> {
  const kind = await kindAt(path);
  if (kind === "parquet") return parquetMetadata(await inputFile(path));
  if (kind === "arrow" || kind === "arrows") return arrowMetadata(await inputFile(path), kind);
  return new Map();
}

async function parquetMetadata(file: InputFile): Promise<ReadonlyMap<string, string>> {
  const { parquetMetadataAsync } = await import("hyparquet");
  const blob = await file.blob();
  const { key_value_metadata } = await parquetMetadataAsync({
    byteLength: blob.size,
    slice: (start, end) => blob.slice(start, end).arrayBuffer(),
  });
  return new Map((key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
}

/** Whether a file is Parquet or Arrow, so that ids can only come from a column. */
export async function isTable(path: string): Promise<boolean> {
  const kind = await kindAt(path);
  return kind === "parquet" || kind === "arrow" || kind === "arrows";
}

/** The kind of a file by its first bytes; undefined for a stream, which can be read only once. */
async function kindAt(path: string): Promise<InputKind | undefined> {
  const file = await inputFile(path);
  return file.isStream ? undefined : kindOf(await startOf(file), path);
}

function* jsonRows(batch: InputBatch, { path, column }: IdFile): Generator<IdRow> {
  for (const { row, text, error } of rowTexts(batch)) {
    const place = `${inputName(path)}, row ${row}`;
    if (error) throw new CommandError(`${place}: ${error.message}`);
    const value = parsed(text, place);
    const fields = Array.isArray(value) ? { [column]: value } : Object(value);
    yield { row, fields, ids: checkedIds(fields, column, place) };
  }
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${place}: invalid JSON: ${detail}`);
  }
}

function* arrowRows(
  batch: RecordBatch,
  firstRow: number,
  { path, column }: IdFile,
): Generator<IdRow> {
  const names = batch.schema.fields.map(({ name }) => name);
  if (!names.includes(column)) {
    throw new CommandError(
      `${path} has no column "${column}"; its columns are ${names.join(", ")}`,
    );
  }
  const fieldsAt = fieldReader(batch);
  for (let index = 0; index < batch.numRows; index += 1) {
    const row = firstRow + index;
    const fields = fieldsAt(index);
    yield { row, fields, ids: checkedIds(fields, column, `${path}, row ${row}`) };
  }
}

/** Rows of Arrow data as objects whose columns are converted to plain values on access. */
function fieldReader(batch: RecordBatch): (index: number) => IdRow["fields"] {
  const at = Symbol("index");
  const columns = batch.schema.fields.map(({ name }, column) => {
    const data = batch.data.children[column];
    const vector = batch.getChildAt(column);
    function get(this: { [at]: number }) {
      const index = this[at];
      return (data && numbersAt(data, index)) ?? plain(vector?.get(index));
    }
    return [name, { enumerable: true, get }] as const;
  });
  const row = Object.defineProperties({}, Object.fromEntries(columns));
  return (index) => Object.create(row, { [at]: { value: index } });
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Vector) return Array.from(value, plain);
  if (!(value instanceof StructRow)) return value ?? undefined;
  return Object.fromEntries(Array.from(value, ([name, field]) => [name, plain(field)]));
}

function checkedIds(fields: IdRow["fields"], column: string, place: string): Uint32Array {
  const value = fields[column];
  const numbers = numberList(value);
  if (!numbers) {
    const got = JSON.stringify(value ?? null).slice(0, MOST_SHOWN);
    const none = `nothing; the row has ${Object.keys(fields).join(", ") || "no fields"}`;
    const found = column in fields ? got : none;
    throw new CommandError(`${place}: "${column}" expected a list of token ids, got ${found}`);
  }
  const ids = idsOf(numbers);
  if (ids instanceof Uint32Array) return ids;
  const given = JSON.stringify(Object(value)[ids.wrong]);
  throw new CommandError(`${place}: "${column}[${ids.wrong}]" expected a token id, got ${given}`);
}

/** The ids, without a copy where the column has them as 32-bit integers; or the place of another number. */
function idsOf(numbers: ArrayLike<number>): Uint32Array | { wrong: number } {
  const { length } = numbers;
  const ids =
    numbers instanceof Int32Array
      ? new Uint32Array(numbers.buffer, numbers.byteOffset, length)
      : Uint32Array.from(numbers);
  for (let at = 0; at < length; at += 1) if (ids[at] !== numbers[at]) return { wrong: at };
  return ids;
}
