/** The texts of an Arrow column, whose bytes may not be UTF-8. */

import { constants, isUtf8 } from "node:buffer";
import type { Vector } from "apache-arrow";
import { Float, textBytesAt, vectorValue } from "../arrow/values.ts";
import type { RowError } from "../rows/row-error.ts";

/** The text of one row, or its error. */
export function textOrError(texts: Vector, row: number): string | RowError {
  const [only] = texts.data;
  const bytes = only && textBytesAt(only, row);
  if (bytes && bytes.length > constants.MAX_STRING_LENGTH) {
    const message = `the text has ${bytes.length} bytes; at most ${constants.MAX_STRING_LENGTH} are allowed`;
    return { code: "row_too_long", path: "", message };
  }
  if (bytes && !isUtf8(bytes)) {
    return { code: "invalid_utf8", path: "", message: "the text is not UTF-8" };
  }
  const text = bytes ? bytes.toString("utf8") : vectorValue(texts, row);
  if (typeof text === "string") return text;
  const kind = text instanceof Float ? "number" : typeof text;
  const message = `expected JSON text, got ${text === null ? "null" : kind}`;
  return { code: "invalid_text", path: "", message };
}
