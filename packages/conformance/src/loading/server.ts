/**
 * The server for the loading cases: it gives good and bad answers and records
 * the requests. Node only; pages reach it from any origin.
 */

import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { FOREIGN } from "./forms.ts";

/** Starts the server on a free port. */
export async function startServer(wasm: Uint8Array) {
  const answers = answersOf(wasm);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { url = "" } = request;
    response.setHeader("access-control-allow-origin", "*");
    // A cached copy would make the count of requests too low.
    response.setHeader("cache-control", "no-store");
    if (url === "/requests") return response.end(JSON.stringify(requests.splice(0)));
    requests.push(url);
    const answer = answers[url];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (!address || typeof address !== "object") throw new Error("the server has no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

function answersOf(wasm: Uint8Array): Record<string, RequestListener> {
  return {
    "/harmony.wasm": answering("application/wasm", wasm),
    "/text.wasm": answering("text/plain", wasm),
    "/parameter.wasm": answering("application/wasm; charset=utf-8", wasm),
    "/untyped.wasm": (_, response) => response.end(wasm),
    "/page.wasm": answering("text/html", "<!doctype html><title>Not found</title>"),
    "/truncated.wasm": answering("application/wasm", wasm.subarray(0, 100_000)),
    "/foreign.wasm": answering("application/wasm", FOREIGN),
    "/hung-up.wasm": (request) => request.socket.destroy(),
    "/half.wasm": (_, response) => breakOff(response, "text/plain", wasm),
    "/half-streamed.wasm": (_, response) => breakOff(response, "application/wasm", wasm),
  };
}

function answering(type: string, body: string | Uint8Array): RequestListener {
  return (_, response) => {
    response.setHeader("content-type", type).end(body);
  };
}

function breakOff(response: ServerResponse, type: string, wasm: Uint8Array): void {
  response.setHeader("content-type", type).setHeader("content-length", wasm.length);
  response.write(wasm.subarray(0, 1000), () => response.socket?.destroy());
}
