/**
 * The server: starts, listens, and stops on a signal. This module promises that
 * an answer that has begun is finished before the process ends, unless it takes
 * longer than the time for that.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { loadHarmonyEncoding } from "harmony-wasm";
import {
  type Backend,
  completionsBackend,
  createHarmonyHandler,
  type Handler,
  type HarmonyHandlerOptions,
  llamaCppBackend,
} from "harmony-wasm/openai";
import type { Logger } from "pino";
import { CommandError, UsageError } from "../exit.ts";
import { hostCheck } from "./allowed-hosts.ts";
import { app } from "./app.ts";
import { logCompletion, logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { ServeOptions } from "./options.ts";
import { Running } from "./running.ts";
import { type SqliteStore, sqliteStore } from "./sqlite-store.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Runs the server until a signal stops it. */
export async function serve(options: ServeOptions): Promise<void> {
  const log = logger(options.logLevel);
  const store = options.store && sqliteStore(options.store.file, options.store.days);
  try {
    await serveFrom(store, options, log);
  } finally {
    store?.close();
  }
}

async function serveFrom(
  store: SqliteStore | undefined,
  options: ServeOptions,
  log: Logger,
): Promise<void> {
  const running = new Running();
  const metrics = new Metrics(() => running.count);
  const handler = handlerOf({
    // Loaded before the first request, which would wait for it.
    encoding: await loadHarmonyEncoding(),
    backend: backendOf(options.backend),
    models: [options.backend.model ?? "gpt-oss"],
    store,
    encryptionKey: options.encryptionKey ?? store?.secret(),
    apiKeys: options.apiKeys,
    limits: options.limits,
    cors: options.cors,
    onEvent: (event) => {
      metrics.count(event);
      logCompletion(log, event);
    },
  });
  const { apiKeys, allowedHosts, host } = options;
  const isAllowedHost = hostCheck(allowedHosts, host, apiKeys !== undefined);
  const routes = app({ handler, metrics, running, apiKeys, isAllowedHost });
  const server = createServer(getRequestListener(routes.fetch));
  const address = await listening(server, options);
  log.info({ url: address, backend: options.backend.url.origin }, "listening");
  if (apiKeys === undefined && !isLoopback(host)) {
    log.warn({ host }, "everybody who reaches this address can send requests: set --api-key");
  }
  const signal = await stopSignal();
  log.info({ signal, running: running.count }, "stopping");
  await stop(server, running, options.stopTimeoutMs);
  log.info("stopped");
}

/** Which origins there are is the handler's to say; the flag is ours. */
function handlerOf(options: HarmonyHandlerOptions): Handler {
  try {
    return createHarmonyHandler(options);
  } catch (error) {
    const refused =
      error instanceof TypeError ? /^"options\.cors\S*" (.*)/.exec(error.message) : null;
    throw refused === null ? error : new UsageError(`--cors ${refused[1]}`);
  }
}

function backendOf({ url, kind, model, contextLength, apiKey }: ServeOptions["backend"]): Backend {
  const baseURL = url.href;
  return kind === "llamacpp"
    ? llamaCppBackend({ baseURL, apiKey })
    : completionsBackend({ baseURL, apiKey, model, contextLength });
}

type Server = ReturnType<typeof createServer>;

async function listening(server: Server, { host, port }: ServeOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new CommandError(`--host ${host} --port ${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return `http://${host.includes(":") ? `[${host}]` : host}:${isPlace(address) ? address.port : port}`;
}

function isPlace(address: ReturnType<Server["address"]>): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Waits for the first signal. The second one ends the process, as it does without a listener. */
async function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stopped = (signal: NodeJS.Signals) => {
      for (const each of SIGNALS) process.off(each, stopped);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, stopped);
  });
}

/** No new connections; what runs may end until its time is over. */
async function stop(server: Server, running: Running, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([running.stop(), timeout]);
  clearTimeout(timer);
  server.closeAllConnections();
  await closed;
}
