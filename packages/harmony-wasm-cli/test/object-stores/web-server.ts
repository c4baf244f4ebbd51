/** A web server whose answers a test can spoil. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** A file of the server, and how it answers. */
export interface WebFile {
  content: Buffer;
  etag?: string;
  /** Whether it answers to ranges. */
  hasRanges?: boolean;
  /** Closes the connection after so many bytes of an answer. */
  cutAfter?: number;
  headers?: Record<string, string>;
  /** Answers itself. */
  answer?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Starts the server; returns its address, and the requests so far. */
export async function startWeb(files: Map<string, WebFile>) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? ""}`.trim());
    const file = files.get(decodeURIComponent(pathname));
    if (!file) response.writeHead(404).end();
    else if (file.answer) file.answer(request, response);
    else send(file, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, requests };
}

function send(file: WebFile, { headers: asked }: IncomingMessage, response: ServerResponse): void {
  const { content, etag, hasRanges = true, cutAfter, headers } = file;
  const match = hasRanges ? /^bytes=(\d+)-(\d*)$/.exec(asked.range ?? "") : null;
  const start = Number(match?.[1] ?? 0);
  const end = match?.[2] ? Math.min(Number(match[2]) + 1, content.length) : content.length;
  if (match && start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  response.writeHead(match ? 206 : 200, {
    "content-length": end - start,
    ...(etag && { etag }),
    ...(match && { "content-range": `bytes ${start}-${end - 1}/${content.length}` }),
    ...headers,
  });
  const part = content.subarray(start, end);
  if (cutAfter === undefined || part.length <= cutAfter) response.end(part);
  else response.write(part.subarray(0, cutAfter), () => response.destroy());
}
