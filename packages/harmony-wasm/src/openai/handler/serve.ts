/**
 * Answers the requests of one protocol. This module promises the server's half:
 * keys, limits, errors as statuses and as events, streams that end with their
 * reader, and turns that are remembered. What a request and an answer mean is the
 * protocol's.
 */

import type { Backend } from "../backends/backend.js";
import type { IdPrefix, Prompt, PromptOptions, StreamOptions, Warning } from "../types.js";
import type { Client, TurnStores } from "./client.js";
import { Completion, type Ending, endingOf, generateRequest } from "./completion.js";
import { eventStreamBody } from "./event-stream.js";
import { errorResponse, failureOf } from "./failure.js";
import { bodyText, type Concurrency, type HandlerLimits } from "./limits.js";
import type { Protocol, RememberedTurn } from "./protocol.js";

/** What a handler reports of a request. Never what it says. */
export interface HandlerEvent {
  type: "completed" | "failed" | "cancelled";
  /** The id of the answer; empty where none was begun. */
  id: string;
  path: string;
  promptTokens: number;
  completionTokens: number;
  durationMs: number;
  /** Milliseconds to the first sampled id. Absent: there was none. */
  firstTokenMs?: number;
  error?: unknown;
  /** Why the turn could not be remembered, if it could not. */
  storeError?: unknown;
}

/** What the requests of a handler share. */
export interface Server {
  backend: Backend;
  stores: TurnStores;
  limits: Required<HandlerLimits>;
  concurrency: Concurrency;
  keepAliveMs: number;
  prompt: PromptOptions;
  /** What answers to requests without a model name. */
  model: string;
  onEvent(event: HandlerEvent): void;
}

/** Answers one request of a client that is known. */
export async function serve<P extends Prompt>(
  server: Server,
  protocol: Protocol<P>,
  client: Client,
  request: Request,
): Promise<Response> {
  const leave = server.concurrency.enter();
  const ending = endingOf(request, server.limits.durationMs);
  const exchange = new Exchange(server, client, new URL(request.url).pathname, () => {
    ending.end();
    leave();
  });
  // A client that neither reads nor leaves keeps its place until its time is over.
  ending.signal.addEventListener("abort", () => exchange.finish(ending.signal.reason));
  try {
    const body = await bodyText(request, server.limits.bodyBytes);
    return await exchange.answer(protocol, body, ending);
  } catch (error) {
    exchange.finish(error);
    return errorResponse(error);
  }
}

/** One request and its answer. */
class Exchange {
  readonly #started = Date.now();
  readonly #server: Server;
  readonly #client: Client;
  readonly #path: string;
  readonly #release: () => void;
  readonly #itemIds: string[] = [];
  #id = "";
  #promptTokens = 0;
  #completion: Completion | undefined;
  #isFinished = false;
  #storeError: unknown;

  constructor(server: Server, client: Client, path: string, release: () => void) {
    this.#server = server;
    this.#client = client;
    this.#path = path;
    this.#release = release;
  }

  async answer<P extends Prompt>(
    protocol: Protocol<P>,
    body: string,
    ending: Ending,
  ): Promise<Response> {
    const { backend, limits, keepAliveMs } = this.#server;
    const sender = { client: this.#client, mostBytes: limits.bodyBytes };
    const prompt = await protocol.prompt(body, this.#server.prompt, sender);
    this.#id = randomId(protocol.idPrefix);
    this.#promptTokens = prompt.tokens.length;
    const constraint = protocol.constraint?.(prompt);
    const sampling = generateRequest(prompt, constraint, limits.completionTokens, ending.signal);
    const completion = new Completion(backend, sampling);
    this.#completion = completion;
    await completion.begin(keepAliveMs);
    const isFree = constraint !== undefined && !backend.constrains?.(constraint);
    const headers = warningHeaders([...prompt.warnings, ...(isFree ? [UNCONSTRAINED] : [])]);
    if (!protocol.streams(prompt)) {
      return Response.json(await this.#whole(protocol, prompt, completion), { headers });
    }
    const events = this.#events(protocol, prompt, completion, ending.signal);
    return new Response(this.#body(protocol, events), {
      headers: { ...headers, ...STREAMING },
    });
  }

  async #whole<P extends Prompt>(protocol: Protocol<P>, prompt: P, completion: Completion) {
    const tokens = await completion.whole();
    const { finishReason } = completion;
    const answer = await protocol.answer(
      prompt,
      tokens,
      this.#context(prompt, completion, finishReason === undefined ? {} : { finishReason }),
    );
    this.finish();
    return answer;
  }

  async *#events<P extends Prompt>(
    protocol: Protocol<P>,
    prompt: P,
    completion: Completion,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let failure: unknown;
    yield* protocol.events(prompt, completion.chunks(), {
      ...this.#context(prompt, completion, { signal }),
      failure: (error) => {
        failure = error;
        return failureOf(error);
      },
    });
    this.finish(failure);
  }

  #context<O extends StreamOptions>({ request }: Prompt, completion: Completion, options: O) {
    const model = request.body.model ?? this.#server.model;
    const newId = (prefix: IdPrefix) => this.#newId(prefix);
    return {
      options: { id: this.#id, newId, model, ...options },
      client: this.#client,
      sampled: () => Uint32Array.from(completion.tokens),
      measured: () => ({ logprobs: completion.logprobs, cachedTokens: completion.cachedTokens }),
      remember: (turn: RememberedTurn) => this.#remember(completion, turn),
    };
  }

  #body<P extends Prompt>(protocol: Protocol<P>, events: AsyncIterable<string>) {
    return eventStreamBody(events, {
      keepAliveMs: this.#server.keepAliveMs,
      failed: (error) => protocol.failed(failureOf(error)),
      closed: (reason) => this.finish(reason),
    });
  }

  #newId(prefix: IdPrefix): string {
    const id = randomId(prefix);
    this.#itemIds.push(id);
    return id;
  }

  /** An answer that cannot be remembered is still one; the failure is reported. */
  async #remember({ tokens }: Completion, turn: RememberedTurn): Promise<boolean> {
    const { isKept, ...parts } = turn;
    const completion = Uint32Array.from(tokens);
    try {
      await this.#client.put(
        { id: this.#id, itemIds: this.#itemIds, completion, ...parts },
        isKept,
      );
      return true;
    } catch (error) {
      this.#storeError = error;
      return false;
    }
  }

  /** Frees what the request holds, and says once how it ended. */
  finish(error?: unknown): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#release();
    const firstAt = this.#completion?.firstAt;
    this.#server.onEvent({
      type: error === undefined ? "completed" : isAbort(error) ? "cancelled" : "failed",
      id: this.#id,
      path: this.#path,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completion?.tokens.length ?? 0,
      durationMs: Date.now() - this.#started,
      ...(firstAt === undefined ? {} : { firstTokenMs: firstAt - this.#started }),
      ...(error === undefined ? {} : { error }),
      ...(this.#storeError === undefined ? {} : { storeError: this.#storeError }),
    });
  }
}

const UNCONSTRAINED: Warning = {
  code: "unconstrained",
  message: "the backend cannot hold the answer to the request's format; the answer is checked",
};

const STREAMING = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // nginx would gather the events.
  "x-accel-buffering": "no",
};

/** What a header may hold; proxies refuse more than 8 KB of all of them. */
const WARNINGS_LENGTH = 2_000;

function warningHeaders(warnings: readonly Warning[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const shown = warnings.map(({ code, param }) =>
    param === undefined ? code : `${code} ${param}`,
  );
  const text = shown.join(", ").replaceAll(/[^ -~]/g, "?");
  return { "harmony-warnings": text.slice(0, WARNINGS_LENGTH) };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error ? error.name === "AbortError" : false;
}

/** 122 random bits, which nobody guesses. */
function randomId(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "");
}
