/** Rows as one Arrow record batch, and the schema with the file's provenance. */

import { type Data, Field, makeData, RecordBatch, Schema, Struct, Utf8 } from "apache-arrow";
import { plainText } from "../rows/carried.ts";
import type { RowError } from "../rows/row-error.ts";
import type { Rows } from "./column.ts";
import { type ColumnName, columnOf } from "./columns.ts";
import { nulls, textColumn } from "./text-column.ts";

const ERROR_TYPE = new Struct([
  new Field("code", new Utf8(), false),
  new Field("path", new Utf8(), false),
  new Field("message", new Utf8(), false),
]);

/** The columns of a file: those of the table, and the fields carried from the input. */
export interface FileColumns {
  columns: readonly ColumnName[];
  carry: readonly string[];
}

/** The schema of files: they have no failed rows, so only a carried field can be null. */
export function fileSchema({ columns, carry }: FileColumns, metadata: Map<string, string>): Schema {
  const fields = columns.map((name) => new Field(name, columnOf(name).type, false));
  const carried = carry.map((name) => new Field(name, new Utf8(), true));
  return new Schema([...fields, ...carried], metadata);
}

/** The schema of `--arrow-stdio`, where a failed row has nulls and an `error`. */
export function streamSchema(
  columns: readonly ColumnName[],
  metadata: Map<string, string>,
): Schema {
  const fields = columns.map((name) => new Field(name, columnOf(name).type, !isSource(name)));
  return new Schema([...fields, new Field("error", ERROR_TYPE, true)], metadata);
}

/** Failed rows have these columns too. */
function isSource(name: ColumnName): boolean {
  return name === "source_row" || name === "source_rows";
}

/** A batch of {@link fileSchema}. */
export function fileBatch(
  { schema, columns, carry }: FileColumns & { schema: Schema },
  rows: Rows,
): RecordBatch {
  const sources = BigInt64Array.from(rows, (row) => BigInt(row?.sourceRow ?? -1));
  const carried = carry.map((name) => textColumn(rows, (row) => carriedText(row, name)));
  return assembled(schema, [...columnsOf(columns, rows, sources), ...carried], rows.length);
}

function carriedText(row: Rows[number], name: string): string | undefined {
  const json = row?.carried?.[name];
  return json === undefined ? undefined : plainText(json);
}

/** A row of a stream: rendered, or failed. */
export type StreamRow = { row: Rows[number]; error?: RowError; sourceRow: number };

/** A batch of {@link streamSchema}. */
export function streamBatch(
  schema: Schema,
  columns: readonly ColumnName[],
  given: readonly StreamRow[],
): RecordBatch {
  const rows = given.map(({ row }) => row);
  const sources = BigInt64Array.from(given, ({ sourceRow }) => BigInt(sourceRow));
  const errors = errorColumn(given.map(({ error }) => error));
  return assembled(schema, [...columnsOf(columns, rows, sources), errors], rows.length);
}

function columnsOf(columns: readonly ColumnName[], rows: Rows, sources: BigInt64Array): Data[] {
  return columns.map((name) => columnOf(name).arrow(rows, sources));
}

function errorColumn(errors: readonly (RowError | undefined)[]): Data {
  const text = (of: (error: RowError) => string) =>
    textColumn(errors, (error) => (error ? of(error) : ""));
  const children = [text(({ code }) => code), text(({ path }) => path), text((e) => e.message)];
  return makeData({ type: ERROR_TYPE, length: errors.length, children, ...nulls(errors) });
}

function assembled(schema: Schema, children: Data[], length: number): RecordBatch {
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }));
}
