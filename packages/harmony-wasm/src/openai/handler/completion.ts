/**
 * One completion on its way from the backend to an answer. This module promises
 * that the backend is stopped by whatever ends the answer, and that every sampled
 * id is remembered.
 */

import {
  type Backend,
  BackendError,
  type GenerateChunk,
  type GenerateRequest,
} from "../backends/backend.js";
import { iteratorOf, type SampledChunk, SampledChunks } from "../backends/sampled-chunks.js";
import type { MessageConstraint } from "../constraints/message-constraint.js";
import type { Prompt, TokenLogprob } from "../types.js";
import { HttpError } from "./failure.js";

/** What ends a completion before its time. */
export interface Ending {
  signal: AbortSignal;
  /** The client left, or the answer is over. */
  end(reason?: unknown): void;
}

/** Ends with the request or after `durationMs`, whichever comes first. */
export function endingOf(request: Request, durationMs: number): Ending {
  const controller = new AbortController();
  const end = (reason?: unknown) => {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", left);
    controller.abort(reason ?? new DOMException("the answer is over", "AbortError"));
  };
  // Servers abort with reasons of their own, some of which are not errors.
  const left = () => end(clientLeft(request.signal.reason));
  const timer = setTimeout(() => {
    end(new DOMException("the completion took too long", "TimeoutError"));
  }, durationMs);
  if (request.signal.aborted) left();
  else request.signal.addEventListener("abort", left);
  return { signal: controller.signal, end };
}

/** Why the backend is stopped when a client leaves. */
export function clientLeft(cause: unknown): Error {
  return Object.assign(new DOMException("the client left", "AbortError"), { cause });
}

/** A completion as it is sampled. */
export class Completion {
  readonly tokens: number[] = [];
  /** One for each token, unless the backend gives none. */
  readonly logprobs: TokenLogprob[] = [];
  cachedTokens: number | undefined;
  finishReason: "stop" | "length" | undefined;
  /** When the first id came, as `Date.now` has it. */
  firstAt: number | undefined;
  readonly #source: AsyncIterator<SampledChunk>;
  #first: Promise<IteratorResult<SampledChunk>> | undefined;

  constructor(backend: Backend, request: GenerateRequest) {
    this.#source = sampled(backend, request);
  }

  /** Waits for the first chunk, so that an error of the backend can still be a status. */
  async begin(patienceMs: number): Promise<void> {
    this.#first = this.#source.next();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    try {
      await Promise.race([this.#first, patience]);
    } finally {
      clearTimeout(timer);
      // Whoever reads the chunks gets the error.
      this.#first.catch(() => {});
    }
  }

  /** The chunks, once. */
  async *chunks(): AsyncGenerator<SampledChunk> {
    try {
      for (;;) {
        const { done, value } = await (this.#first ?? this.#source.next());
        this.#first = undefined;
        if (done) return;
        if (value.tokens.length > 0) this.firstAt ??= Date.now();
        for (const token of value.tokens) this.tokens.push(token);
        this.logprobs.push(...(value.logprobs ?? []));
        this.cachedTokens = value.cachedTokens ?? this.cachedTokens;
        this.finishReason = value.finishReason ?? this.finishReason;
        yield value;
      }
    } finally {
      await this.#source.return?.();
    }
  }

  /** All ids, when sampling has ended. */
  async whole(): Promise<Uint32Array> {
    for await (const _ of this.chunks());
    return Uint32Array.from(this.tokens);
  }
}

/**
 * The checked chunks until the signal is aborted, whether or not the backend minds
 * the signal: a backend that hangs must not keep its client.
 */
async function* sampled(backend: Backend, request: GenerateRequest): AsyncGenerator<SampledChunk> {
  const { signal } = request;
  const failed = (message: string) => new BackendError(message);
  const iterator = iteratorOf(backend, request, failed);
  const chunks = new SampledChunks(request, failed);
  // Not a race with one promise of the abort: it would keep a reaction for each chunk.
  let fail: (reason: unknown) => void = () => {};
  const abort = () => {
    fail(signal.reason);
    // Nobody may ask for another chunk, and what the generator holds would stay held.
    iterator.return?.().catch(() => {});
  };
  signal.addEventListener("abort", abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await new Promise<IteratorResult<GenerateChunk>>((resolve, reject) => {
        fail = reject;
        iterator.next().then(resolve, reject);
      });
      const { done, value } = chunks.checked(result);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not waited for: a generator that hangs never returns.
    iterator.return?.().catch(() => {});
  }
}

/** What to sample for a prompt. */
export function generateRequest(
  prompt: Prompt,
  constraint: MessageConstraint | undefined,
  limit: number,
  signal: AbortSignal,
): GenerateRequest {
  const { n = 1, stop: _, maxTokens, ...sampling } = prompt.sampling;
  if (n !== 1) {
    const message = `expected n to be 1, got ${n}: send the request again for another choice`;
    throw new HttpError(400, "invalid_request_error", "unsupported_value", message, { param: "n" });
  }
  const most = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, limit);
  return {
    ...sampling,
    promptTokens: prompt.tokens,
    stopTokens: prompt.stopTokens,
    maxTokens: Number.isFinite(most) ? most : undefined,
    constraint,
    signal,
  };
}
