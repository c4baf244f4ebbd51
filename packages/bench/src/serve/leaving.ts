/** How long an engine goes on after the client of the server before it has left. */

import { once } from "node:events";
import { createServer, request } from "node:http";
import type { Server } from "./server.ts";

const TIMES = 50;

/** Median milliseconds from a client's closed connection to the engine's. `start` starts the server before it. */
export async function leavingMs(
  first: string,
  body: string,
  start: (engine: string) => Promise<Server>,
): Promise<number> {
  let closed = Promise.withResolvers<number>();
  const engine = createServer((_, response) => {
    response.once("close", () => closed.resolve(performance.now()));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(first);
  });
  engine.listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = engine.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = await start(`http://127.0.0.1:${port}`);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    closed = Promise.withResolvers<number>();
    const left = await leave(`${server.url}/v1/chat/completions`, body);
    times.push((await closed.promise) - left);
  }
  await server.stop();
  engine.closeAllConnections();
  engine.close();
  return times.toSorted((a, b) => a - b)[TIMES / 2] ?? Number.NaN;
}

/** Reads the beginning of a stream and closes the connection; when that was. */
function leave(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent: false }, (response) => {
      response.once("data", () => {
        resolve(performance.now());
        response.destroy();
      });
      response.on("error", () => {});
    });
    sent.on("error", reject);
    sent.setHeader("content-type", "application/json");
    sent.end(body);
  });
}
