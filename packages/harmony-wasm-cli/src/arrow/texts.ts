/**
 * The texts of an Arrow column. Whoever made the column need not have checked
 * its bytes, and apache-arrow decodes what is not UTF-8 to U+FFFD, silently.
 */

import { isUtf8 } from "node:buffer";
import { DataType, type Vector } from "apache-arrow";
import type { RowError } from "../rendering/row-error.ts";

/** The text of one row, or why it has none. */
export function textOrError(texts: Vector, row: number): string | RowError {
  const text: unknown = texts.get(row);
  if (typeof text !== "string") {
    const message = `expected JSON text, got ${text === null ? "null" : typeof text}`;
    return { code: "invalid_text", path: "", message };
  }
  // Only where decoding has replaced something can the bytes be wrong.
  if (!text.includes("\uFFFD") || isUtf8(bytesAt(texts, row))) return text;
  return { code: "invalid_utf8", path: "", message: "the text is not UTF-8" };
}

/** The bytes of a row; none where the column keeps them elsewhere, as dictionaries do. */
function bytesAt({ data, type }: Vector, row: number): Uint8Array {
  const [only] = data;
  if (!only || !(DataType.isUtf8(type) || DataType.isLargeUtf8(type))) return new Uint8Array(0);
  const [start, end] = only.valueOffsets.subarray(row, row + 2);
  return only.values.subarray(Number(start), Number(end));
}
