/**
 * Requests to an engine over HTTP. This module promises one answer per request
 * or a {@link BackendError}; what the answer says is for its callers.
 */

import { partsOf } from "../stream-parts.js";
import { BackendError } from "./backend.js";

/** `typeof fetch`, which the types of a project may not have. */
type Fetch = typeof globalThis extends { fetch: infer Fetch }
  ? Fetch
  : (url: string, request?: object) => Promise<Response>;

/** Options of the backends that speak HTTP. */
export interface HttpOptions {
  /** The engine's address, with the path before the endpoint's name if it has one. */
  baseURL: string | URL;
  /** Sent as `Authorization: Bearer`. */
  apiKey?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default the realm's own. */
  fetch?: Fetch | undefined;
}

/** What is said of an answer that ends in the middle. It names no address, so clients may read it. */
export const BROKE_OFF = "the connection to the backend broke off";

/** How much of an error's body is kept. */
const BODY_SHOWN = 2_000;

/** How often a request is sent again that no answer came to. */
const RETRIES = 2;

/**
 * What undici, Deno and Bun call a keep-alive connection that the engine closed
 * while the request was on its way. Sampling again changes nothing, so it is safe.
 */
const CONNECTION_CLOSED = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE", "ConnectionClosed"]);

/** POSTs JSON and gives the answer if it is a success. */
export async function post(
  options: HttpOptions,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<Response> {
  const url = `${String(options.baseURL).replace(/\/+$/, "")}/${path}`;
  const headers = new Headers(options.headers);
  headers.set("content-type", "application/json");
  if (options.apiKey !== undefined) headers.set("authorization", `Bearer ${options.apiKey}`);
  const request = { method: "POST", headers, body: JSON.stringify(body), signal };
  const response = await sent(options.fetch ?? fetch, url, request);
  if (response.ok) return response;
  const text = (await bodyStart(response)).slice(0, BODY_SHOWN);
  throw new BackendError(`the backend answered ${response.status} to POST ${url}: ${text}`, {
    status: response.status,
    body: text,
    retryAfter: response.headers.get("retry-after") ?? undefined,
  });
}

async function sent(
  fetched: typeof fetch,
  url: string,
  request: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await fetched(url, request);
    } catch (error) {
      request.signal.throwIfAborted();
      if (retry === RETRIES || !wasClosed(error)) {
        throw new BackendError(`the backend at ${url} cannot be reached`, { cause: error });
      }
    }
  }
}

function wasClosed(error: unknown): boolean {
  for (const each of [error, error instanceof Error ? error.cause : undefined]) {
    if (each instanceof Error && "code" in each && CONNECTION_CLOSED.has(String(each.code))) {
      return true;
    }
  }
  return false;
}

/** The body's beginning; the rest is not read. */
async function bodyStart(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of bytesOf(response)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= BODY_SHOWN) break;
  }
  return text;
}

/** The body as it comes; leaving the loop closes the connection. */
export async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* partsOf(body);
}
