/**
 * The texts of an Arrow column. Whoever made the column need not have checked
 * its bytes.
 */

import { isUtf8 } from "node:buffer";
import type { Vector } from "apache-arrow";
import type { RowError } from "../rendering/row-error.ts";
import { Float, textBytesAt, vectorValue } from "./values.ts";

/** The text of one row, or why it has none. */
export function textOrError(texts: Vector, row: number): string | RowError {
  const [only] = texts.data;
  const bytes = only && textBytesAt(only, row);
  if (bytes && !isUtf8(bytes)) {
    return { code: "invalid_utf8", path: "", message: "the text is not UTF-8" };
  }
  const text = bytes ? bytes.toString("utf8") : vectorValue(texts, row);
  if (typeof text === "string") return text;
  const kind = text instanceof Float ? "number" : typeof text;
  const message = `expected JSON text, got ${text === null ? "null" : kind}`;
  return { code: "invalid_text", path: "", message };
}
