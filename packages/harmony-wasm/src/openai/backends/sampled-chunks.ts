/**
 * What a backend samples, checked. Nothing of a backend is trusted: this module
 * promises ids that are ids, and an end that has a reason.
 */

import { checkedToken } from "../../check/arguments.js";
import { CHUNK_FIELDS } from "../answer/completion-input.js";
import { describedObject } from "../check/values.js";
import type { TokenChunk, TokenLogprob } from "../types.js";
import type { Backend, BackendError, GenerateChunk, GenerateRequest } from "./backend.js";

/** A chunk of a backend, checked. */
export interface SampledChunk {
  tokens: number[];
  finishReason: "stop" | "length" | undefined;
  logprobs: readonly TokenLogprob[] | undefined;
  cachedTokens: number | undefined;
}

/**
 * Begins a completion.
 *
 * @param failed Makes the error, as for {@link SampledChunks}.
 * @throws {BackendError} For a `generate` that is not an async generator, by what it returned.
 */
export function iteratorOf(
  backend: Backend,
  request: GenerateRequest,
  failed: (message: string) => BackendError,
): AsyncIterator<GenerateChunk> {
  const generated: unknown = backend.generate(request);
  if (isAsyncIterable(generated)) return generated[Symbol.asyncIterator]();
  // A promise that nobody waits for may fail, which would end the process.
  if (generated instanceof Promise) generated.catch(() => {});
  const got = describedObject(generated);
  throw failed(
    `expected generate of the backend to return an async iterable of chunks, got ${got}: write async *generate()`,
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<GenerateChunk> {
  if (typeof value !== "object" || value === null) return false;
  return typeof Reflect.get(value, Symbol.asyncIterator) === "function";
}

/** Checks the chunks of one completion. */
export class SampledChunks {
  readonly #failed: (message: string) => BackendError;
  readonly #stopTokens: readonly number[];
  readonly #most: number;
  #count = 0;
  #last: number | undefined;
  #hasReason = false;

  /**
   * @param failed Makes the error. Two entries have a copy of this module each, and
   * callers know one class.
   */
  constructor(
    { stopTokens, maxTokens }: GenerateRequest,
    failed: (message: string) => BackendError,
  ) {
    this.#failed = failed;
    this.#stopTokens = stopTokens;
    this.#most = maxTokens ?? Number.POSITIVE_INFINITY;
  }

  /**
   * The next chunk, without what else a backend says of it, or the end.
   *
   * @throws {BackendError} For an invalid chunk, and for an end without a reason.
   */
  checked(result: IteratorResult<GenerateChunk>): IteratorResult<SampledChunk, undefined> {
    if (result.done) {
      if (!this.#isOver()) throw this.#failed(NO_REASON);
      return { done: true, value: undefined };
    }
    const chunk = this.#chunkOf(result.value);
    this.#count += chunk.tokens.length;
    this.#last = chunk.tokens.at(-1) ?? this.#last;
    this.#hasReason ||= chunk.finishReason !== undefined;
    return { done: false, value: chunk };
  }

  /** A stop token and the maximum are reasons as well: nothing is guessed. */
  #isOver(): boolean {
    if (this.#hasReason || this.#count >= this.#most) return true;
    return this.#last !== undefined && this.#stopTokens.includes(this.#last);
  }

  #chunkOf(given: GenerateChunk): SampledChunk {
    this.#checkedBy(() => checkFields(given));
    const { tokens, finishReason, logprobs, cachedTokens }: TokenChunk = given;
    // An error of the backend's own iterator is the backend's, as it is.
    const ids = typeof tokens === "number" ? [tokens] : Array.from(tokens);
    this.#checkedBy(() => checkIds(ids));
    return {
      tokens: ids,
      finishReason: finishReason ?? undefined,
      logprobs: logprobs ?? undefined,
      cachedTokens: cachedTokens ?? undefined,
    };
  }

  /** What a check refuses is the backend's fault, not the caller's. */
  #checkedBy(check: () => void): void {
    try {
      check();
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw this.#failed(`the backend yielded an invalid chunk: ${detail}`);
    }
  }
}

const NO_REASON =
  "the backend ended the completion without a stop token or a reason: " +
  'yield { tokens: [], finishReason: "stop" }, or "length", at the end';

/** What a backend says of a chunk is one completion's: it has no choice. */
const { choice: _, ...FIELDS } = CHUNK_FIELDS;
const CHECKS = Object.entries(FIELDS);

function checkFields(given: object): void {
  if (typeof given !== "object" || given === null || !("tokens" in given)) {
    throw new TypeError(`"chunk" expected { tokens }, got ${describedObject(given)}`);
  }
  CHUNK_FIELDS.tokens("chunk.tokens", given.tokens);
  for (const [field, check] of CHECKS) {
    const value: unknown = Reflect.get(given, field);
    if (value !== undefined && value !== null) check(`chunk.${field}`, value);
  }
}

function checkIds(ids: readonly unknown[]): void {
  for (const [index, id] of ids.entries()) checkedToken(`chunk.tokens[${index}]`, id);
}
