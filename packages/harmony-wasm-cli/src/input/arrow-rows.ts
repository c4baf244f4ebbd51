/**
 * A row of a Parquet file as JSON text. A column named `conversation` that
 * holds text is the text itself; else the row is an object of its columns.
 */

import { type RecordBatch, StructRow, Vector } from "apache-arrow";

const TEXT_COLUMN = "conversation";

/** The JSON text of one row. */
export function arrowRowText(batch: RecordBatch, index: number): string {
  const text: unknown = batch.getChild(TEXT_COLUMN)?.get(index);
  if (typeof text === "string") return text;
  const fields = batch.schema.fields.map(({ name }) => {
    const value: unknown = batch.getChild(name)?.get(index);
    return `${JSON.stringify(name)}:${jsonText(value)}`;
  });
  return `{${fields.join(",")}}`;
}

/** JSON as the columns have it: nothing is rounded, and nulls of structs are left out. */
function jsonText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Vector) return `[${Array.from(value, jsonText).join(",")}]`;
  if (value instanceof StructRow) return structText(value);
  return JSON.stringify(value) ?? "null";
}

function structText(row: StructRow): string {
  const members = Array.from(row, ([name, value]) => [String(name), value] as const)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`);
  return `{${members.join(",")}}`;
}
