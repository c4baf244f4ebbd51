/**
 * A row of a Parquet file as JSON text. A column named `conversation` that
 * holds text is the text itself; else the row is an object of its columns.
 */

import type { RecordBatch } from "apache-arrow";
import { vectorValue } from "../arrow/values.ts";

const TEXT_COLUMN = "conversation";

/** The JSON text of one row. */
export function arrowRowText(batch: RecordBatch, index: number): string {
  const column = batch.getChild(TEXT_COLUMN);
  const text = column && vectorValue(column, index);
  if (typeof text === "string") return text;
  const fields = batch.schema.fields.map(({ name }) => {
    const vector = batch.getChild(name);
    return `${JSON.stringify(name)}:${vector ? jsonText(vectorValue(vector, index)) : "null"}`;
  });
  return `{${fields.join(",")}}`;
}

/** JSON as the columns have it: nothing is rounded, and nulls of structs are left out. */
function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object" || value === null || value instanceof Date) {
    return JSON.stringify(value) ?? "null";
  }
  const members = Object.entries(value)
    .filter(([, field]) => field !== null && field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}:${jsonText(field)}`);
  return `{${members.join(",")}}`;
}
