/** The rows of a batch as JSON text, or their errors. */

import { isUtf8 } from "node:buffer";
import { RecordBatchReader } from "apache-arrow";
import type { RowError } from "../rows/row-error.ts";
import { arrowRowText } from "./arrow-rows.ts";
import { type InputBatch, type LineBatch, MOST_LINE_BYTES, type RowText } from "./batch.ts";
import { storedTexts } from "./stored-rows.ts";

/** A row of a batch of lines. */
type LineText = Omit<RowText, "file">;

/** The rows that are not empty; empty lines still count in row numbers. */
export function* rowTexts({ rows, file, firstRow }: InputBatch): Generator<RowText> {
  if (rows.kind === "lines") {
    for (const line of lineTexts(rows, firstRow)) yield { ...line, file };
    return;
  }
  if (rows.kind === "stored") {
    yield* storedTexts(rows);
    return;
  }
  let row = firstRow;
  for (const batch of RecordBatchReader.from(rows.ipc)) {
    for (let index = 0; index < batch.numRows; index += 1, row += 1) {
      yield { file, row, ...arrowRowText(batch, index) };
    }
  }
}

function* lineTexts(rows: LineBatch, firstRow: number): Generator<LineText> {
  for (let index = 0; index < rows.ends.length; index += 1) {
    const line = lineAt(rows, firstRow, index);
    if (line) yield line;
  }
}

/** One line of a batch, by its index; undefined if it is blank. */
export function lineAt(
  { bytes, ends, tooLong }: LineBatch,
  firstRow: number,
  index: number,
): LineText | undefined {
  const row = firstRow + index;
  const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
  const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, (ends[index] ?? start) - start);
  const skipped = row === 0 && hasByteOrderMark(line) ? 3 : 0;
  const text = line.toString("utf8", skipped, withoutLineEnd(line, skipped));
  if (tooLong.includes(index)) return { row, text, error: lineTooLong() };
  if (!isUtf8(line)) return { row, text, error: notUtf8(), bytes: line.subarray(skipped) };
  return isBlank(text) ? undefined : { row, text };
}

function withoutLineEnd(buffer: Buffer, start: number): number {
  let last = buffer.length;
  while (last > start && (buffer[last - 1] === 0x0a || buffer[last - 1] === 0x0d)) last -= 1;
  return last;
}

function hasByteOrderMark(buffer: Buffer): boolean {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
}

/** Checks the first character first, because rows are long and few are blank. */
function isBlank(text: string): boolean {
  return text.charCodeAt(0) === 0x7b ? false : text.trim() === "";
}

function lineTooLong(): RowError {
  const message = `the line is longer than ${MOST_LINE_BYTES} bytes; only its beginning is kept`;
  return { code: "row_too_long", path: "", message };
}

function notUtf8(): RowError {
  return { code: "invalid_utf8", path: "", message: "the line is not UTF-8" };
}
