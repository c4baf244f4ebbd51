/** The routes of the server: the handler's, and those for its operator. */

import type { HttpBindings } from "@hono/node-server";
import type { Handler } from "harmony-wasm/openai";
import { type Context, Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import type { HostCheck } from "./allowed-hosts.ts";
import type { Metrics } from "./metrics.ts";
import type { Running } from "./running.ts";

/** Node's own request and response, which the counting needs. */
interface Environment {
  Bindings: HttpBindings;
}

/** What the routes need. */
export interface AppParts {
  handler: Handler;
  metrics: Metrics;
  running: Running;
  apiKeys: readonly string[] | undefined;
  isAllowedHost: HostCheck;
}

/** The routes. `/health` needs neither a key nor a name; `/metrics` needs a key if requests do. */
export function app({
  handler,
  metrics,
  running,
  apiKeys,
  isAllowedHost,
}: AppParts): Hono<Environment> {
  const routes = new Hono<Environment>();
  routes.get("/health", (context) => {
    const status = running.isStopping ? "stopping" : "ok";
    return context.json({ status, running: running.count }, running.isStopping ? 503 : 200);
  });
  routes.use("*", async (context, next) => {
    const host = context.req.header("host") ?? "";
    return isAllowedHost(host) ? next() : refused(host);
  });
  if (apiKeys !== undefined) routes.use("/metrics", bearerAuth({ token: [...apiKeys] }));
  routes.get("/metrics", () => metrics.response());
  routes.all("*", (context) =>
    running.isStopping ? stopping() : answer(handler, running, context),
  );
  return routes;
}

function answer(handler: Handler, running: Running, context: Context<Environment>) {
  // Emitted when the last byte is sent, and when the connection breaks before that.
  context.env.outgoing.once("close", running.begin());
  return handler(context.req.raw);
}

function refused(host: string): Response {
  const message =
    `this server is not known by the name in the header Host, ${JSON.stringify(host)}: use ` +
    "localhost or the address, or start it with --allowed-host NAME or with --api-key";
  const error = { message, type: "invalid_request_error", param: null, code: "host_not_allowed" };
  return Response.json({ error }, { status: 403 });
}

function stopping(): Response {
  const message = "the server is stopping; send the request again";
  const error = { message, type: "server_error", param: null, code: "stopping" };
  return Response.json(
    { error },
    { status: 503, headers: { connection: "close", "retry-after": "1" } },
  );
}
