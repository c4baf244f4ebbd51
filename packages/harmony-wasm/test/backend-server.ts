/** A real HTTP server in the place of an engine, and the captures it answers with. */

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { GenerateChunk, GenerateRequest } from "harmony-wasm/openai";
import { onTestFinished } from "vitest";

/** A request as the server got it. */
export interface Received {
  path: string;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
}

/** Starts a server that hands each request to `answer`; gives its address and what it received. */
export async function engine(
  answer: (response: ServerResponse, received: Received, count: number) => unknown,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const each = {
      path: request.url ?? "",
      headers: request.headers,
      body: JSON.parse(await bodyOf(request)),
    };
    received.push(each);
    await answer(response, each, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, received };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}

/** What an engine answered. */
export interface Capture {
  status: number;
  type: string;
  body: string;
  /** The request's body. */
  request: { prompt: number[] };
}

/** Reads a capture of backend-wire/. */
export function capture(name: string): Capture {
  const text = readFileSync(new URL(`backend-wire/${name}.txt`, import.meta.url), "utf8");
  const head = text.indexOf("\n< ");
  const body = text.indexOf("\n\n", head);
  const headers = text.slice(head, body);
  return {
    status: Number(/< (\d+)/.exec(headers)?.[1]),
    type: /< content-type: (.*)/i.exec(headers)?.[1] ?? "",
    body: text.slice(body + 2),
    request: JSON.parse(/^> (\{.*)$/m.exec(text)?.[1] ?? ""),
  };
}

/** Answers with a capture. */
export function replay(response: ServerResponse, { status, type, body }: Capture): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}

/** A request with nothing but a prompt. */
export function request(fields: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    promptTokens: Uint32Array.of(200006, 173781),
    stopTokens: [200002, 200012],
    signal: new AbortController().signal,
    ...fields,
  };
}

/** All chunks as one. */
export async function collected(chunks: AsyncIterable<GenerateChunk>) {
  const tokens: number[] = [];
  const reasons: string[] = [];
  const logprobs: unknown[] = [];
  for await (const chunk of chunks) {
    tokens.push(...chunk.tokens);
    if (chunk.finishReason !== undefined) reasons.push(chunk.finishReason);
    logprobs.push(...(chunk.logprobs ?? []));
  }
  return { tokens, reasons, logprobs };
}
