/**
 * Errors as OpenAI-compatible servers answer them. This module promises that an
 * error's answer says what the client did wrong, or that the backend failed, and
 * reveals nothing about the server itself.
 */

import { HarmonyError } from "../../index.js";
import { BackendError } from "../backends/backend.js";
import { BROKE_OFF } from "../backends/http.js";
import { type ErrorBody, RequestError } from "../errors.js";

/** What else an error's answer says. */
interface HttpErrorDetails {
  /** The field or parameter at fault. */
  param?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An answer with an error status. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    readonly type: string,
    readonly code: string | null,
    message: string,
    { param, headers = {} }: HttpErrorDetails = {},
  ) {
    super(message);
    this.param = param ?? null;
    this.headers = headers;
  }

  /** The JSON body of the answer. */
  toBody(): ErrorBody {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** The answer to a request that failed before its stream began. */
export function errorResponse(error: unknown): Response {
  if (error instanceof RequestError) return Response.json(error.toBody(), { status: error.status });
  const answer = error instanceof HttpError ? error : httpError(error);
  return Response.json(answer.toBody(), { status: answer.status, headers: answer.headers });
}

function httpError(error: unknown): HttpError {
  if (error instanceof HarmonyError) {
    const isServers = error.code === "load_failed" || error.code === "instance_lost";
    return isServers
      ? new HttpError(500, "server_error", error.code, "the server has no encoding")
      : new HttpError(400, "invalid_request_error", error.code, error.reason);
  }
  const { code, message } = failureOf(error);
  const status = statusOf(error);
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return new HttpError(status, type, code, message, { headers: retryHeaders(error, status) });
}

/** Seconds or a date, as the header has them. */
const RETRY_AFTER = /^(?:\d{1,9}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/;

/** Clients wait as long as a busy engine says; without it they come back within a second. */
function retryHeaders(error: unknown, status: number): Record<string, string> {
  const retryAfter = error instanceof BackendError ? error.retryAfter : undefined;
  const isBusy = status === 429 || status === 503;
  return isBusy && retryAfter !== undefined && RETRY_AFTER.test(retryAfter)
    ? { "retry-after": retryAfter }
    : {};
}

/** A prompt that is too long is the client's; whatever else the backend refuses is not. */
function statusOf(error: unknown): number {
  if (!(error instanceof BackendError)) return isTimeout(error) ? 504 : 500;
  return error.status === 400 || error.status === 429 || error.status === 503 ? error.status : 502;
}

/** What a stream's last event says of an error. */
export function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof HttpError) return { code: error.code ?? error.type, message: error.message };
  if (error instanceof BackendError) return { code: codeOf(error), message: messageOf(error) };
  if (isTimeout(error)) return { code: "timeout", message: "the completion took too long" };
  return { code: "internal_error", message: "the server failed" };
}

/** By OpenAI's code for it, agents know that a shorter conversation helps. */
function codeOf({ status, body = "" }: BackendError): string {
  const isTooLong = status === 400 && /context[ _](?:length|size|window)/i.test(body);
  return isTooLong ? "context_length_exceeded" : "backend_error";
}

/** The engine's own words where it answered; its address and what broke stay in the server. */
function messageOf(error: BackendError): string {
  if (error.body !== undefined) return `the backend failed: ${engineMessage(error)}`;
  const isSaid = error.cause === undefined || error.message === BROKE_OFF;
  return isSaid ? error.message : "the backend cannot be reached";
}

/** FastAPI's servers say it in `detail`, some proxies in `error`. */
function engineMessage({ body = "", status }: BackendError): string {
  const text = /"(?:message|detail|error)":\s*("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  try {
    if (text !== undefined) return String(JSON.parse(text));
  } catch {
    // Not JSON after all.
  }
  return status === undefined ? "it gave no reason" : `it answered ${status} without a reason`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
