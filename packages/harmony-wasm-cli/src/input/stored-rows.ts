/**
 * Rows as they are stored between the two passes of a shuffle, and as they move to
 * a worker: each with its file, its number, and its place in the new order.
 */

import type { RowError } from "../rows/row-error.ts";
import type { RowText, StoredRows } from "./batch.ts";

/** The place of a row in the new order: by `key`, then by its file, its number and the copy. */
export interface StoredPlace {
  key: number;
  file: number;
  row: number;
  /** Which copy of the row it is, from 0. */
  copy: number;
}

/** A record: the numbers of the header, then the text, then {@link Extra} as JSON. */
export interface StoredRecord extends StoredPlace {
  start: number;
  end: number;
}

/** The rest of a row that is more than its text. */
interface Extra {
  error?: RowError;
  /** The bytes of a row that is not text. */
  base64?: string;
  /** The JSON text of all fields. */
  fields?: string;
}

const HEADER = { key: 0, row: 8, file: 16, copy: 20, text: 24, extra: 28, bytes: 32 };

/** A row as a record. */
export function storedRow({ key, file, row, copy }: StoredPlace, given: RowText): Buffer {
  const extra = extraOf(given);
  const extraText = extra ? JSON.stringify(extra) : "";
  const [textLength, extraLength] = [given.text, extraText].map((text) => Buffer.byteLength(text));
  const record = Buffer.allocUnsafe(HEADER.bytes + (textLength ?? 0) + (extraLength ?? 0));
  record.writeDoubleLE(key, HEADER.key);
  record.writeDoubleLE(row, HEADER.row);
  record.writeUInt32LE(file, HEADER.file);
  record.writeUInt32LE(copy, HEADER.copy);
  record.writeUInt32LE(textLength ?? 0, HEADER.text);
  record.writeUInt32LE(extraLength ?? 0, HEADER.extra);
  record.write(given.text, HEADER.bytes);
  record.write(extraText, HEADER.bytes + (textLength ?? 0));
  return record;
}

function extraOf({ error, bytes, fields }: RowText): Extra | undefined {
  if (!error && !bytes && !fields) return undefined;
  return {
    ...(error && { error }),
    ...(bytes && { base64: Buffer.from(bytes).toString("base64") }),
    ...(fields && { fields: fields() }),
  };
}

/** The records of some bytes, in the order in which they were stored. */
export function* storedRecords(bytes: Buffer): Generator<StoredRecord> {
  for (let start = 0; start < bytes.length; ) {
    const text = bytes.readUInt32LE(start + HEADER.text);
    const extra = bytes.readUInt32LE(start + HEADER.extra);
    const end = start + HEADER.bytes + text + extra;
    yield {
      key: bytes.readDoubleLE(start + HEADER.key),
      row: bytes.readDoubleLE(start + HEADER.row),
      file: bytes.readUInt32LE(start + HEADER.file),
      copy: bytes.readUInt32LE(start + HEADER.copy),
      start,
      end,
    };
    start = end;
  }
}

/** The rows of a batch. */
export function* storedTexts({ bytes }: StoredRows): Generator<RowText> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const { file, row, start, end } of storedRecords(buffer)) {
    const textStart = start + HEADER.bytes;
    const textEnd = textStart + buffer.readUInt32LE(start + HEADER.text);
    const text = buffer.toString("utf8", textStart, textEnd);
    yield { file, row, text, ...restOf(buffer.toString("utf8", textEnd, end)) };
  }
}

function restOf(json: string): Pick<RowText, "error" | "bytes" | "fields"> {
  if (json === "") return {};
  const { error, base64, fields }: Extra = JSON.parse(json);
  return {
    ...(error && { error }),
    ...(base64 !== undefined && { bytes: Buffer.from(base64, "base64") }),
    ...(fields !== undefined && { fields: () => fields }),
  };
}
