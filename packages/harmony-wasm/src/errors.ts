/**
 * The error class of harmony's own failures. Misuse of the API (a wrong type,
 * a number out of range) throws a built-in `TypeError` or `RangeError`.
 * docs/errors.md lists all of them.
 */

import type { ERROR_CODES } from "./generated/constants.js";

/** Codes that the facade raises itself; Rust raises the others. */
export const LOAD_ERROR_CODES = ["load_failed", "instance_lost"] as const;

/** Codes that only `harmony-wasm/openai` uses; the boundary never raises them. */
export type RequestErrorCode =
  | "empty_conversation"
  | "unsupported_content"
  | "unsupported_parameter"
  | "unsupported_value"
  | "invalid_type";

/** The kinds of failures. The codes are stable. */
export type HarmonyErrorCode =
  | (typeof ERROR_CODES)[number]
  | (typeof LOAD_ERROR_CODES)[number]
  | RequestErrorCode;

/** The place of a failure, what helps, and its cause. */
export interface HarmonyErrorDetails {
  path?: string | undefined;
  index?: number | undefined;
  option?: string | undefined;
  cause?: unknown;
}

/**
 * A failure of harmony's own. The message starts with upstream's, word for word,
 * if upstream has one; the path follows on a line of its own unless the message
 * already names it. Mirrors `HarmonyError` of the Python package.
 *
 * @example
 * ```ts
 * import { HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * let failure: unknown;
 * try {
 *   encoding.decodeUtf8([24912, 99999999]);
 * } catch (error) {
 *   failure = error;
 * }
 * failure instanceof HarmonyError && [failure.code, failure.index]; // => ["invalid_token", 1]
 *
 * try {
 *   encoding.renderConversation('[{"role": "tool", "content": "12:00"}]');
 * } catch (error) {
 *   failure = error;
 * }
 * failure instanceof HarmonyError && failure.message;
 * // => "Tools should have a name!\nat messages[0]"
 * failure instanceof HarmonyError && failure.reason; // => "Tools should have a name!"
 * ```
 */
export class HarmonyError extends Error {
  override readonly name: string = "HarmonyError";
  /** The kind of failure. */
  readonly code: HarmonyErrorCode;
  /** The message without the line that names the path. */
  declare readonly reason: string;
  /** The JSON path of the field or message at fault, if there is one. */
  declare readonly path?: string;
  /** The position of the token at fault, if there is one. */
  declare readonly index?: number;
  /** The option of the call that would accept the value, if there is one; the message names it. */
  declare readonly option?: string;

  constructor(code: HarmonyErrorCode, reason: string, details: HarmonyErrorDetails = {}) {
    super(placed(reason, details.path), "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    // Not enumerable: consoles list own fields, and the message says this already.
    Object.defineProperty(this, "reason", { value: reason });
    if (details.path !== undefined) this.path = details.path;
    if (details.index !== undefined) this.index = details.index;
    if (details.option !== undefined) this.option = details.option;
  }
}

function placed(reason: string, path = ""): string {
  return reason.includes(path) ? reason : `${reason}\nat ${path}`;
}
