/**
 * A backend's failure as the SDK's own `APICallError`, which it retries where
 * that may help. The SDK knows its errors by symbols, not by class, so that
 * several copies of it understand each other; this module depends on none.
 */

import { BackendError } from "../openai/index.js";

const SDK_ERROR: unique symbol = Symbol.for("vercel.ai.error");
const API_CALL_ERROR: unique symbol = Symbol.for("vercel.ai.error.AI_APICallError");

/** Statuses of an engine that is busy. */
const BUSY = [408, 409, 429];

class BackendCallError extends Error {
  override readonly name = "AI_APICallError";
  readonly [SDK_ERROR] = true;
  readonly [API_CALL_ERROR] = true;
  readonly url = "";
  readonly requestBodyValues = {};
  readonly statusCode: number | undefined;
  readonly responseBody: string | undefined;
  /** The SDK waits before it tries again as this says. */
  readonly responseHeaders: Record<string, string> | undefined;
  readonly isRetryable: boolean;

  constructor(cause: BackendError) {
    super(cause.message, { cause });
    this.statusCode = cause.status;
    this.responseBody = cause.body;
    const { retryAfter } = cause;
    this.responseHeaders = retryAfter === undefined ? undefined : { "retry-after": retryAfter };
    this.isRetryable =
      cause.status === undefined
        ? cause.cause !== undefined
        : cause.status >= 500 || BUSY.includes(cause.status);
  }
}

/** The error as the SDK reads it. */
export function callError(error: unknown): unknown {
  return error instanceof BackendError ? new BackendCallError(error) : error;
}
