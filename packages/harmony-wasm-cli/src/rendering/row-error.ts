/**
 * Why a row cannot be rendered, as data: a bad row never stops a run. Only
 * what a row can cause is turned into data; everything else is thrown on.
 */

import { HarmonyError } from "harmony-wasm";

/** The codes of the command line's own; the others are harmony-wasm's. */
export type RowErrorCode =
  | HarmonyError["code"]
  | "invalid_text"
  | "empty_conversation"
  | "too_long"
  | "row_too_long"
  | "unsupported_content";

/** Why an {@link RowErrorCode} is `empty_conversation`. */
export const NO_MESSAGES = "the conversation has no message to render";

/** What goes into `<out>.rejected.jsonl`, and into the column `error`. */
export interface RowError {
  code: RowErrorCode;
  /** The JSON path of the place at fault, or the empty string. */
  path: string;
  message: string;
}

/** A row that is refused by the command line itself. */
export class RowRefused extends Error {
  readonly code: RowErrorCode;
  readonly path: string;

  constructor(code: RowErrorCode, message: string, path = "") {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** The error as data. Whatever a row cannot cause is thrown on. */
export function rowErrorOf(error: unknown): RowError {
  if (error instanceof HarmonyError || error instanceof RowRefused) {
    return { code: error.code, path: error.path ?? "", message: error.message };
  }
  if (error instanceof RangeError) {
    const code = error.message.includes("call stack") ? "too_deep" : "row_too_long";
    return { code, path: "", message: error.message };
  }
  if (error instanceof TypeError && error.message.includes("lone surrogate")) {
    return { code: "invalid_text", path: "", message: error.message };
  }
  if (error instanceof TypeError && error.message.startsWith('"conversation')) {
    return { code: "invalid_conversation", path: "", message: error.message };
  }
  throw error;
}
