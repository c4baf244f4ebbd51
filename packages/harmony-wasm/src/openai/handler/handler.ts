/**
 * Requests to answers: which route a request is for, and what holds on all of
 * them. This module promises that every request gets an answer in OpenAI's shape
 * and that nothing is shared between two handlers.
 */

import type { Backend } from "../backends/backend.js";
import { memoryStore } from "../store/memory.js";
import type { ResponseStore } from "../store/store.js";
import type { Prompt, PromptOptions } from "../types.js";
import { authorizer } from "./api-keys.js";
import { crossOrigin } from "./cross-origin.js";
import { errorResponse, HttpError } from "./failure.js";
import { Concurrency, checkedLimits, type HandlerLimits } from "./limits.js";
import type { Protocol } from "./protocol.js";
import { type HandlerEvent, type Server, serve } from "./serve.js";

/** Options of a handler. */
export interface HandlerOptions {
  /** Samples the completions. */
  backend: Backend;
  /** The names that `GET /v1/models` lists. Default `["gpt-oss"]`. A request may name any. */
  models?: readonly string[] | undefined;
  /** Where turns are remembered. Default in memory. */
  store?: ResponseStore | undefined;
  /** A request needs one of these keys. Default none needed. */
  apiKeys?: readonly string[] | undefined;
  limits?: HandlerLimits | undefined;
  /** The origins whose pages may send requests, or `"*"`. Default none. */
  cors?: readonly string[] | "*" | undefined;
  /** How requests become prompts. */
  prompt?: PromptOptions | undefined;
  /** Milliseconds without an event after which a stream gets a comment. Default 15,000. */
  keepAliveMs?: number | undefined;
  /** Is told how each completion ended. */
  onEvent?: ((event: HandlerEvent) => void) | undefined;
}

/** Answers a request. */
export type Handler = (request: Request) => Promise<Response>;

type Route = (request: Request, owner: string) => Promise<Response>;

/** Gives a protocol. Called for each request, so that what it needs may be loaded by the first. */
export type ProtocolSource = () => Protocol<Prompt> | Promise<Protocol<Prompt>>;

/** A handler over protocols, each under its path. */
export function handlerOver(
  protocols: ReadonlyMap<string, ProtocolSource>,
  options: HandlerOptions,
): Handler {
  const authorize = authorizer(options.apiKeys);
  const withOrigin = crossOrigin(options.cors);
  const server = serverOf(options);
  const routes = routesOf(protocols, server, options.models ?? ["gpt-oss"]);
  return (request) =>
    withOrigin(request, async () => {
      try {
        const route = routeOf(routes, request);
        return await route(request, await authorize(request));
      } catch (error) {
        return errorResponse(error);
      }
    });
}

function serverOf(options: HandlerOptions): Server {
  const limits = checkedLimits(options.limits);
  return {
    backend: options.backend,
    store: options.store ?? memoryStore(),
    limits,
    concurrency: new Concurrency(limits.concurrency),
    keepAliveMs: options.keepAliveMs ?? 15_000,
    prompt: options.prompt ?? {},
    onEvent: options.onEvent ?? (() => {}),
  };
}

/** By path, then by method. */
type Routes = ReadonlyMap<string, ReadonlyMap<string, Route>>;

function routesOf(
  protocols: ReadonlyMap<string, ProtocolSource>,
  server: Server,
  models: readonly string[],
): Routes {
  const routes = new Map<string, ReadonlyMap<string, Route>>();
  for (const [path, protocol] of protocols) {
    const post: Route = async (request, owner) => serve(server, await protocol(), owner, request);
    routes.set(path, new Map([["POST", post]]));
  }
  const list = models.map((id) => ({ id, object: "model", created: 0, owned_by: "harmony-wasm" }));
  const get: Route = async () => Response.json({ object: "list", data: list });
  return routes.set("/v1/models", new Map([["GET", get]]));
}

function routeOf(routes: Routes, request: Request): Route {
  const path = new URL(request.url).pathname.replace(/\/$/, "");
  const methods = routes.get(path);
  if (methods === undefined) {
    const known = [...routes.keys()].join(", ");
    const message = `there is no ${path}, only ${known}`;
    throw new HttpError(404, "invalid_request_error", "not_found", message);
  }
  const route = methods.get(request.method);
  if (route !== undefined) return route;
  const allow = [...methods.keys()].join(", ");
  const message = `${path} expects ${allow}, got ${request.method}`;
  throw new HttpError(405, "invalid_request_error", "method_not_allowed", message, { allow });
}
