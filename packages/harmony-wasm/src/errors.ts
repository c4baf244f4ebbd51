/**
 * The error class of harmony's own failures. Misuse of the API (a wrong type,
 * a number out of range) throws the built-in `TypeError` or `RangeError`
 * instead; docs/errors.md lists all of them.
 */

import type { ERROR_CODES } from "./generated/constants.js";

/** Codes that the facade raises itself; all others come from Rust. */
type LoadErrorCode = "load_failed" | "instance_lost";

/** Codes that only `harmony-wasm/openai` uses; the boundary never raises them. */
export type RequestErrorCode =
  | "empty_conversation"
  | "unsupported_content"
  | "unsupported_parameter"
  | "unsupported_value";

/** What went wrong, one stable code per kind. */
export type HarmonyErrorCode = (typeof ERROR_CODES)[number] | LoadErrorCode | RequestErrorCode;

/** Where it went wrong, and its cause. */
export interface HarmonyErrorDetails {
  path?: string | undefined;
  index?: number | undefined;
  cause?: unknown;
}

/**
 * A failure of harmony's own. The message is upstream's, word for word, where
 * upstream has one. Mirrors `HarmonyError` of the Python package.
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
 * ```
 */
export class HarmonyError extends Error {
  override readonly name = "HarmonyError";
  /** The kind of failure. */
  readonly code: HarmonyErrorCode;
  /** The JSON path of the field or message at fault, where there is one. */
  declare readonly path?: string;
  /** The position of the token at fault, where there is one. */
  declare readonly index?: number;

  constructor(code: HarmonyErrorCode, message: string, details: HarmonyErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.index !== undefined) this.index = details.index;
  }
}
