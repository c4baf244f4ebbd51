/**
 * Web servers, which are read only. Node's own client is used and not `fetch`,
 * which would decompress what a server calls `Content-Encoding: gzip`, and so
 * count bytes other than those of the server's ranges.
 */

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { UsageError } from "../exit.ts";
import { type Location, withoutQuery } from "./location.ts";
import {
  type ByteStream,
  connectionFailure,
  kindOfStatus,
  type ObjectStore,
  SILENCE_MS,
  type StoredObject,
  StoreFailure,
  streamed,
} from "./object-store.ts";

const MOST_REDIRECTS = 10;
const PARTIAL = 206;
const NO_SUCH_RANGE = 416;

/** Servers of https:// and http://. */
export const WEB: ObjectStore = { find, list, open };

/** Asks for the first byte by GET: a presigned address answers to no other method. */
async function find(location: Location): Promise<StoredObject | undefined> {
  const answer = await answerOf(location, { range: "bytes=0-0" });
  answer.destroy();
  const { statusCode, headers } = answer;
  if (statusCode === 404 || statusCode === 410) return undefined;
  if (statusCode !== NO_SUCH_RANGE) requireSuccess(answer);
  const version = headers.etag ?? headers["last-modified"];
  return { location, bytes: sizeOf(answer), version };
}

// biome-ignore lint/correctness/useYield: it always fails
async function* list({ name }: Location): AsyncGenerator<StoredObject> {
  throw new UsageError(`${name}: web servers list no files; give the address of each file`);
}

async function open(
  object: StoredObject,
  start: number,
  end: number | undefined,
): Promise<ByteStream> {
  const { location, version, bytes } = object;
  const answer = await answerOf(location, {
    ...((start > 0 || end !== bytes) && {
      range: `bytes=${start}-${end === undefined ? "" : end - 1}`,
    }),
    ...(version?.startsWith('"') && { "if-match": version }),
  });
  requireSuccess(answer);
  requireSame(object, answer);
  requireLength(answer);
  const body = streamed(answer, connectionFailure);
  return answer.statusCode === PARTIAL ? body : partOf(body, start, end);
}

/** The size of the whole file. */
function sizeOf({ statusCode, headers }: IncomingMessage): number | undefined {
  const hasRange = statusCode === PARTIAL || statusCode === NO_SUCH_RANGE;
  const size = hasRange ? headers["content-range"]?.split("/")[1] : headers["content-length"];
  return size === undefined || !/^\d+$/.test(size) ? undefined : Number(size);
}

function requireSuccess({ statusCode = 0, statusMessage }: IncomingMessage): void {
  if (statusCode >= 200 && statusCode < 300) return;
  throw new StoreFailure(kindOfStatus(statusCode), `HTTP ${statusCode} ${statusMessage}`);
}

function requireSame({ version, bytes }: StoredObject, answer: IncomingMessage): void {
  const { headers } = answer;
  const now = headers.etag ?? headers["last-modified"];
  if (now === version && sizeOf(answer) === bytes) return;
  answer.destroy();
  throw new StoreFailure("changed", "the file has other content now");
}

/** An answer that ends where the connection does could end anywhere without anyone noticing. */
function requireLength({ headers }: IncomingMessage): void {
  if (headers["content-length"] ?? headers["transfer-encoding"]) return;
  throw new StoreFailure(
    "refused",
    "the server does not send the length of the file; download it first",
  );
}

/** From a server without ranges, the bytes before the part are read and dropped. */
async function* partOf(body: ByteStream, start: number, end: number | undefined) {
  let at = 0;
  for await (const chunk of body) {
    const from = Math.max(start - at, 0);
    const to = end === undefined ? chunk.length : Math.min(end - at, chunk.length);
    at += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (end !== undefined && at >= end) return;
  }
}

async function answerOf(
  { container, key }: Location,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  let url = new URL(key, container);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await responseTo(url, headers);
    const { statusCode = 0, headers: sent } = answer;
    if (statusCode < 300 || statusCode >= 400 || sent.location === undefined) return answer;
    answer.destroy();
    url = new URL(sent.location, url);
  }
  throw new StoreFailure("refused", `more than ${MOST_REDIRECTS} redirects`);
}

async function responseTo(url: URL, headers: Record<string, string>): Promise<IncomingMessage> {
  const send = await clientFor(url);
  try {
    const options = { headers: { "accept-encoding": "identity", ...headers }, timeout: SILENCE_MS };
    const request = send(url, options);
    request.on("timeout", () => {
      request.destroy(
        new Error(`${withoutQuery(url.href)} sent nothing for ${SILENCE_MS / 1000} s`),
      );
    });
    request.end();
    const [answer]: IncomingMessage[] = await once(request, "response");
    if (!answer) throw new Error("no answer");
    return answer;
  } catch (error) {
    throw connectionFailure(error);
  }
}

/** Node takes 0.05 s to load its clients, in the program and in each worker thread. */
async function clientFor({ protocol }: URL) {
  return (protocol === "http:" ? await import("node:http") : await import("node:https")).request;
}
