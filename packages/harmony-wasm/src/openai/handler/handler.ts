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
import { Client } from "./client.js";
import { crossOrigin } from "./cross-origin.js";
import { errorResponse, HttpError } from "./failure.js";
import { allLimits, Concurrency, type HandlerLimits } from "./limits.js";
import type { Protocol } from "./protocol.js";
import { type HandlerEvent, type Server, serve } from "./serve.js";
import { deleteResponse, listInputItems, retrieveResponse } from "./stored-responses.js";

/** Options of a handler. */
export interface HandlerOptions {
  /** Samples the completions. */
  backend: Backend;
  /**
   * The names that `GET /v1/models` lists. Default `["gpt-oss"]`. A request may name any; the answer to
   * one that names none has the first.
   */
  models?: readonly string[] | undefined;
  /** Where stored responses are kept. Default in memory. */
  store?: ResponseStore | undefined;
  /** A request needs one of these keys. Default none needed. */
  apiKeys?: readonly string[] | undefined;
  limits?: HandlerLimits | undefined;
  /** The origins whose pages may send requests, or `"*"`. Default none. */
  cors?: readonly string[] | "*" | undefined;
  /** How requests become prompts. */
  prompt?: Omit<PromptOptions, "history"> | undefined;
  /** Milliseconds without an event after which a stream gets a comment, at most 24.8 days. Default 15,000. */
  keepAliveMs?: number | undefined;
  /** Called when a completion ends, with how it ended. */
  onEvent?: ((event: HandlerEvent) => void) | undefined;
}

/** Answers a request. */
export type Handler = (request: Request) => Promise<Response>;

/** Answers on one route; `id` is the part of the path that `{id}` matches. */
type Route = (request: Request, client: Client, id: string) => Promise<Response>;

/** Gives a protocol. Called for each request, so that what it needs may be loaded by the first. */
export type ProtocolSource = () => Protocol<Prompt> | Promise<Protocol<Prompt>>;

/** A handler over protocols, each under its path. */
export function handlerOver(
  protocols: ReadonlyMap<string, ProtocolSource>,
  options: HandlerOptions,
): Handler {
  const authorize = authorizer(options.apiKeys);
  const withOrigin = crossOrigin(options.cors);
  const models = options.models ?? ["gpt-oss"];
  const server = serverOf(options, models[0] ?? "");
  const routes = routesOf(protocols, server, models);
  const answer: Handler = async (request) => {
    try {
      const { route, id } = routeOf(routes, request);
      const client = new Client(await authorize(request), server.stores);
      return await route(request, client, id);
    } catch (error) {
      return errorResponse(error);
    }
  };
  return (request) => withOrigin(request, async () => withoutBody(request, await answer(request)));
}

/** HEAD has the status and the headers of GET. */
function withoutBody({ method }: Request, response: Response): Response {
  return method === "HEAD" ? new Response(null, response) : response;
}

/** For the sampled ids of turns that no client asked to store. */
const CACHE_BYTES = 64 * 1024 * 1024;

function serverOf(options: HandlerOptions, model: string): Server {
  const limits = allLimits(options.limits);
  return {
    backend: options.backend,
    stores: {
      kept: options.store ?? memoryStore(),
      cached: memoryStore({ maxBytes: CACHE_BYTES }),
    },
    limits,
    concurrency: new Concurrency(limits.concurrency),
    keepAliveMs: options.keepAliveMs ?? 15_000,
    prompt: options.prompt ?? {},
    model,
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
  const sender = (client: Client) => ({ client, mostBytes: server.limits.bodyBytes });
  const stored: [path: string, method: string, route: Route][] = [
    [RESPONSE, "GET", (request, client, id) => retrieveResponse(sender(client), id, request)],
    [RESPONSE, "DELETE", (_, client, id) => deleteResponse(sender(client), id)],
    [
      `${RESPONSE}/input_items`,
      "GET",
      (request, client, id) => listInputItems(sender(client), id, request),
    ],
    ["/v1/models", "GET", async () => Response.json({ object: "list", data: models.map(model) })],
    ["/v1/models/{id}", "GET", async (_, _client, id) => Response.json(modelOf(models, id))],
  ];
  for (const [path, method, route] of stored) {
    routes.set(path, new Map([...(routes.get(path) ?? []), [method, route]]));
  }
  return routes;
}

const RESPONSE = "/v1/responses/{id}";

function model(id: string) {
  return { id, object: "model", created: 0, owned_by: "harmony-wasm" };
}

function modelOf(models: readonly string[], id: string) {
  if (models.includes(id)) return model(id);
  const message = `there is no model ${JSON.stringify(id)}, only ${models.join(", ")}`;
  throw new HttpError(404, "invalid_request_error", "model_not_found", message);
}

function routeOf(routes: Routes, request: Request): { route: Route; id: string } {
  const path = new URL(request.url).pathname.replace(/\/$/, "");
  const { methods, id } = methodsAt(routes, path);
  const route = methods.get(request.method === "HEAD" ? "GET" : request.method);
  if (route !== undefined) return { route, id };
  const allow = [...methods.keys()].join(", ").replace("GET", "GET, HEAD");
  const message = `${path} expects ${allow}, got ${request.method}`;
  throw new HttpError(405, "invalid_request_error", "method_not_allowed", message, {
    headers: { allow },
  });
}

function methodsAt(routes: Routes, path: string) {
  const exact = routes.get(path);
  if (exact !== undefined) return { methods: exact, id: "" };
  for (const [pattern, methods] of routes) {
    const [before = "", after] = pattern.split("{id}");
    if (after === undefined || !path.startsWith(before) || !path.endsWith(after)) continue;
    const id = path.slice(before.length, path.length - after.length);
    // The name of a model may have a slash in it; an id has none.
    if (id !== "" && (!id.includes("/") || before === "/v1/models/")) {
      return { methods, id: decoded(id) };
    }
  }
  const known = [...routes.keys()].join(", ");
  const message = `there is no ${path || "/"}, only ${known}`;
  throw new HttpError(404, "invalid_request_error", "not_found", message);
}

/** An invalid escape stays as it is, and names nothing. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
