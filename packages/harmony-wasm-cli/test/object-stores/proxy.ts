/** A proxy in front of a store, which sees every request and can stop the world at one. */

import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { afterAll } from "vitest";

/** Requests as `PUT /rows/out/part-00000.parquet`, in their order, and what to do at one. */
export interface StoreProxy {
  address: string;
  requests: string[];
  /** Awaited before a request is forwarded; true if nobody answers it. */
  stopAt: (request: string) => boolean | Promise<boolean>;
}

/** Starts a proxy. The host in a request stays, since it is signed. */
export async function startProxy(target: string): Promise<StoreProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const proxy: StoreProxy = { address: "", requests: [], stopAt: () => false };
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    const line = `${method} ${decodeURIComponent(path?.split("?")[0] ?? "")}`;
    proxy.requests.push(line);
    if (await proxy.stopAt(line)) return;
    const onward = forward({ host: hostname, port: targetPort, method, path, headers });
    onward.on("response", (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => {});
    });
    pipeline(request, onward, () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  proxy.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
