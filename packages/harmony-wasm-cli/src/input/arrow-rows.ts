/**
 * A row of a Parquet file as JSON text. A column `conversation` of text, or of
 * bytes that are UTF-8, is the JSON text itself; otherwise the row is an object
 * of its columns. docs/training.md has the rules for numbers and nulls.
 */

import { isUtf8 } from "node:buffer";
import type { RecordBatch } from "apache-arrow";
import { Decimal } from "../arrow/scalars.ts";
import { Float, Members, vectorValue } from "../arrow/values.ts";
import type { RowError } from "../rows/row-error.ts";

const TEXT_COLUMN = "conversation";

/** The JSON text of a row, or its error with the bytes at fault. */
export interface ArrowRowText {
  text: string;
  error?: RowError;
  bytes?: Uint8Array;
  /** The JSON text of all columns, where {@link text} is only one of them. */
  fields?: () => string;
}

/** The JSON text of one row. */
export function arrowRowText(batch: RecordBatch, index: number): ArrowRowText {
  const column = batch.getChild(TEXT_COLUMN);
  const given = column && vectorValue(column, index);
  const fields = () => columnsText(batch, index);
  if (typeof given === "string") return { text: given, fields };
  if (given instanceof Uint8Array) return { ...bytesText(given), fields };
  return { text: fields() };
}

function columnsText(batch: RecordBatch, index: number): string {
  const fields = batch.schema.fields.map(({ name }) => {
    const vector = batch.getChild(name);
    return `${JSON.stringify(name)}:${columnText(vector && vectorValue(vector, index))}`;
  });
  return `{${fields.join(",")}}`;
}

/**
 * A NaN in a column of numbers or of lists or maps of them becomes null, as pandas means it: it is beside
 * the conversation. In a struct, as messages are, it makes the row fail.
 */
function columnText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(columnText).join(",")}]`;
  if (value instanceof Members) return membersText(value, columnText);
  return value instanceof Float && !value.isFinite ? "null" : jsonText(value);
}

function bytesText(given: Uint8Array): ArrowRowText {
  const bytes = Buffer.from(given);
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return { text };
  const message = `the column "${TEXT_COLUMN}" is binary, and its bytes are not UTF-8`;
  return { text, bytes, error: { code: "invalid_utf8", path: "", message } };
}

/** Every member of a map: JSON lines with a key twice are read as they are too. */
function membersText({ entries }: Members, textOf: (value: unknown) => string): string {
  const members = entries.map(([key, value]) => {
    const name = typeof key === "string" ? key : textOf(key);
    return `${JSON.stringify(name)}:${textOf(value)}`;
  });
  return `{${members.join(",")}}`;
}

/** JSON with the exact numbers of the columns, and bytes in base64; null members of structs are omitted. */
function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Float || value instanceof Decimal) return value.toString();
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof Members) return membersText(value, jsonText);
  if (typeof value !== "object" || value === null || value instanceof Date) {
    return JSON.stringify(value) ?? "null";
  }
  const members = Object.entries(value)
    .filter(([, field]) => field !== null && field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}:${jsonText(field)}`);
  return `{${members.join(",")}}`;
}
