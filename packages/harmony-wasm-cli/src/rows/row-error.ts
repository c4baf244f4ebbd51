/**
 * The reason why a row cannot be rendered, as data: a bad row never stops a
 * run. Errors are classified by their class and code alone. Errors that no row
 * can cause are thrown again.
 */

import { HarmonyError } from "harmony-wasm";

/** The codes of harmony-wasm, and those of the command line itself. */
export type RowErrorCode =
  | HarmonyError["code"]
  | "invalid_text"
  | "empty_conversation"
  | "too_long"
  | "row_too_long"
  | "unsupported_content";

/** The message of `empty_conversation`. */
export const NO_MESSAGES = "the conversation has no message to render";

/** The fields of a line of `<out>.rejected.jsonl`, and of the column `error`. */
export interface RowError {
  code: RowErrorCode;
  /** The JSON path of the field at fault, or the empty string. */
  path: string;
  message: string;
}

/** A row that the command line itself refuses. */
export class RowRefused extends Error {
  readonly code: RowErrorCode;
  readonly path: string;

  constructor(code: RowErrorCode, message: string, path = "") {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** The message, in which an option of the package has the name of its flag: `--allow-markup`. */
function messageOf({ reason, option = "" }: HarmonyError): string {
  const flag = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return option === "" ? reason : reason.replace(option, `--${flag}`);
}

/** The message for text that has no UTF-8 and so no tokens; rendering it always fails. */
const LONE_SURROGATE = "the row's text has a lone surrogate, which has no UTF-8";

/** JSON nested deeper than this is refused, as by serde. */
const MOST_LEVELS = 127;

/**
 * The error as data; rethrows an error that the row cannot cause.
 *
 * @param text The row. The engine throws a RangeError both for a full stack and
 * for a string that is too long, so the depth of the row decides between them.
 */
export function rowErrorOf(error: unknown, text: string): RowError {
  if (!text.isWellFormed()) return { code: "invalid_text", path: "", message: LONE_SURROGATE };
  if (error instanceof HarmonyError) {
    return { code: error.code, path: error.path ?? "", message: messageOf(error) };
  }
  if (error instanceof RowRefused) {
    return { code: error.code, path: error.path, message: error.message };
  }
  if (isTrainFlagError(error)) {
    return { code: "invalid_conversation", path: error.path, message: error.message };
  }
  if (error instanceof RangeError) {
    const code = levelsOf(text) > MOST_LEVELS ? "too_deep" : "row_too_long";
    return { code, path: "", message: error.message };
  }
  throw error;
}

/** harmony-wasm/train's error for a `train` that is not a boolean: wrong data, not misuse. */
function isTrainFlagError(error: unknown): error is TypeError & { path: string } {
  if (!(error instanceof TypeError && "code" in error && "path" in error)) return false;
  return error.code === "invalid_conversation" && typeof error.path === "string";
}

/** How deep the brackets of JSON text are nested, not counting those in strings. */
function levelsOf(text: string): number {
  let most = 0;
  let level = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isInString && sign === "\\") at += 1;
    else if (sign === '"') isInString = !isInString;
    else if (!isInString && (sign === "[" || sign === "{")) most = Math.max(most, ++level);
    else if (!isInString && (sign === "]" || sign === "}")) level -= 1;
  }
  return most;
}
