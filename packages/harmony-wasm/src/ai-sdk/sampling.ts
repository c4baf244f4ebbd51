/**
 * One completion as it is sampled. This module promises that the ids are
 * counted as they are read, and that the backend is stopped by whatever ends
 * the answer, even one that does not mind its signal.
 */

import { iteratorOf, type SampledChunk, SampledChunks } from "../openai/backends/sampled-chunks.js";
import {
  type Backend,
  BackendError,
  type GenerateChunk,
  type GenerateRequest,
  type TokenChunk,
} from "../openai/index.js";

/** What a promise gives, or the signal's reason once it is aborted. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** A signal of ours that the caller's aborts too; `release` when the answer is over. */
export function ownSignal(callers: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort(callers?.reason);
  if (callers?.aborted) abort();
  callers?.addEventListener("abort", abort, { once: true });
  return { controller, release: () => callers?.removeEventListener("abort", abort) };
}

/** The ids of one call, as the backend samples them. */
export class CallSampling {
  /** The ids so far. */
  readonly tokens: number[] = [];
  /** How many tokens of the prompt the backend had in its cache, if it says so. */
  cachedTokens: number | undefined;
  readonly #iterator: AsyncIterator<GenerateChunk>;
  readonly #signal: AbortSignal;
  readonly #chunks: SampledChunks;
  #first: IteratorResult<SampledChunk> | undefined;
  #given = 0;

  constructor(backend: Backend, request: GenerateRequest) {
    const failed = (message: string) => new BackendError(message);
    this.#iterator = iteratorOf(backend, request, failed);
    this.#chunks = new SampledChunks(request, failed);
    this.#signal = request.signal;
    // Nobody may ask for another chunk, and what the generator holds would stay held.
    this.#signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** Waits for the first ids: an error before them is the call's, which can be retried. */
  async begin(): Promise<void> {
    try {
      this.#first = await this.#next();
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  /** One id a chunk, so that what was read when a message ends is what belongs to it. */
  async *chunks(): AsyncGenerator<TokenChunk> {
    try {
      for (;;) {
        const { done, value } = this.#first ?? (await this.#next());
        this.#first = undefined;
        if (done) return;
        for (const token of value.tokens) {
          this.tokens.push(token);
          yield { tokens: token };
        }
        const { finishReason, cachedTokens } = value;
        this.cachedTokens = cachedTokens ?? this.cachedTokens;
        yield { tokens: [], finishReason, cachedTokens };
      }
    } finally {
      this.#stop();
    }
  }

  /** The ids since this was last asked. */
  taken(): { start: number; tokens: readonly number[] } {
    const start = this.#given;
    this.#given = this.tokens.length;
    return { start, tokens: this.tokens.slice(start) };
  }

  /** Not waited for: a generator that hangs never returns. */
  #stop(): void {
    this.#iterator.return?.().catch(() => {});
  }

  async #next(): Promise<IteratorResult<SampledChunk>> {
    return this.#chunks.checked(await untilAborted(this.#iterator.next(), this.#signal));
  }
}
