/** A proxy that forwards bytes and reads none of them: what any server between two others costs. */

import { createServer, request as send } from "node:http";
import { listening } from "./listening.ts";

const target = new URL(process.argv[2] ?? "");

const server = createServer((request, response) => {
  const { method, headers, url: path } = request;
  const forwarded = send(
    { host: target.hostname, port: target.port, method, headers, path },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  forwarded.on("error", (error) => response.destroy(error));
  request.pipe(forwarded);
});

await listening(server);
