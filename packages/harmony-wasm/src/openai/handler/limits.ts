/** What a client may take of the server. This module promises that nothing is held beyond the limits. */

import type { OptionChecks } from "../check/options.js";
import { atLeast, timerMs } from "../check/values.js";
import { partsOf } from "../stream-parts.js";
import { HttpError } from "./failure.js";

/** The limits of a handler. */
export interface HandlerLimits {
  /** Bytes of a request's body. Default 32 MiB. */
  bodyBytes?: number;
  /** Completions at the same time. Default 256. */
  concurrency?: number;
  /** Milliseconds from a request to the end of its answer, at most 24.8 days. Default 10 minutes. */
  durationMs?: number;
  /** Tokens of a completion; what a request asks above it is cut to it. Default none. */
  completionTokens?: number;
}

/** The checks of the limits. */
export const LIMITS: OptionChecks<HandlerLimits> = {
  bodyBytes: atLeast(1),
  concurrency: atLeast(1),
  durationMs: timerMs,
  completionTokens: atLeast(1),
};

/** All limits. */
export function allLimits(limits: HandlerLimits = {}): Required<HandlerLimits> {
  return {
    bodyBytes: limits.bodyBytes ?? 32 * 1024 * 1024,
    concurrency: limits.concurrency ?? 256,
    durationMs: limits.durationMs ?? 600_000,
    completionTokens: limits.completionTokens ?? Number.POSITIVE_INFINITY,
  };
}

/** A compressed body of a few bytes could be one of any size. */
function checkEncoding(encoding: string | null): void {
  if (encoding === null || encoding === "identity") return;
  const message = `expected a body that is not compressed, got content-encoding ${encoding}`;
  throw new HttpError(415, "invalid_request_error", "unsupported_content_encoding", message);
}

/** The body as text, read no further than the limit. */
export async function bodyText(request: Request, limit: number): Promise<string> {
  const refused = new HttpError(
    413,
    "invalid_request_error",
    "request_too_large",
    `expected a body of at most ${limit} bytes`,
  );
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw refused;
  checkEncoding(request.headers.get("content-encoding"));
  if (request.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for await (const bytes of partsOf(request.body)) {
      length += bytes.length;
      if (length > limit) throw refused;
      text += decoder.decode(bytes, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "invalid_request_error", "invalid_json", "the body is not UTF-8");
  }
}

/** Counts what runs at the same time. */
export class Concurrency {
  #running = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place, and gives what frees it, once. */
  enter(): () => void {
    if (this.#running >= this.#limit) {
      throw new HttpError(
        429,
        "rate_limit_error",
        "too_many_requests",
        `the server already runs ${this.#limit} completions; try again later`,
        { headers: { "retry-after": "1" } },
      );
    }
    this.#running += 1;
    let isFree = false;
    return () => {
      if (!isFree) this.#running -= 1;
      isFree = true;
    };
  }
}
