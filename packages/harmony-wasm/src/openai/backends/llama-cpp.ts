/**
 * The wire of llama.cpp's server: `POST /completion` with ids in the prompt and
 * `return_tokens`. This module promises every sampled id.
 *
 * The server's streams lose ids: where a token ends inside a character, only the
 * last id of the character is sent (34 sampled, 19 arrived). Its whole answers
 * have all. So a completion is sampled in slices, each a whole answer that
 * continues the one before; the server keeps the prompt in its cache, so a
 * slice evaluates one id again.
 *
 * A constraint is held in two parts: a grammar of ids up to the content of the
 * last message, made again for each slice, and the server's own grammar of a
 * schema for that content.
 */

import { type OptionChecks, requiredBy } from "../check/options.js";
import { atLeast } from "../check/values.js";
import { leavesFree, type MessageContent } from "../constraints/message-constraint.js";
import { TokenPattern } from "../constraints/token-pattern.js";
import type { TokenLogprob } from "../types.js";
import { type Backend, BackendError, type GenerateChunk, type GenerateRequest } from "./backend.js";
import { HTTP_OPTIONS, refuseBareAddress } from "./check.js";
import { BROKE_OFF, type HttpOptions, post } from "./http.js";
import { answerFrom, areTokens, type Fields, isFields } from "./json.js";

/** Options of {@link llamaCppBackend}. */
export interface LlamaCppOptions extends HttpOptions {
  /**
   * How many ids are sampled per request, which is how often a stream moves.
   * Default 16; `Infinity` is one request per completion.
   */
  sliceTokens?: number | undefined;
}

const SLICE_TOKENS = 16;

const OPTIONS: OptionChecks<LlamaCppOptions> = { ...HTTP_OPTIONS, sliceTokens: atLeast(1) };

/**
 * A backend over llama.cpp's server. `baseURL` is the server's address, without
 * `/v1`. `generate` throws a {@link BackendError} for whatever the server does wrong.
 *
 * @throws {TypeError} For an option that does not exist, and for a `baseURL` that is not an http or https address.
 *
 * @example
 * ```ts
 * import { llamaCppBackend } from "harmony-wasm/openai";
 *
 * const backend = llamaCppBackend({ baseURL: "http://127.0.0.1:8080", sliceTokens: 32 });
 * typeof backend.generate; // => "function"
 * ```
 */
export function llamaCppBackend(given: LlamaCppOptions): Backend {
  refuseBareAddress(given);
  const options = requiredBy("options", given, OPTIONS, ["baseURL"]);
  const slice = options.sliceTokens ?? SLICE_TOKENS;
  return {
    generate: (request) => new Slices(options, Math.floor(slice), request).generate(),
    constrains: (constraint) => !leavesFree(constraint, []),
  };
}

/** The ids of one request. */
type Slice = GenerateChunk & { tokens: readonly number[] };

/** What a request adds to the prompt and the sampling. */
type Extra = Readonly<Record<string, unknown>>;

/** One completion, sampled in slices. */
class Slices {
  readonly #options: LlamaCppOptions;
  readonly #slice: number;
  readonly #request: GenerateRequest;
  /** The prompt and everything that was sampled. */
  readonly #tokens: number[];
  #left: number;
  #index = 0;

  constructor(options: LlamaCppOptions, slice: number, request: GenerateRequest) {
    this.#options = options;
    this.#slice = slice;
    this.#request = request;
    this.#tokens = Array.from(request.promptTokens);
    this.#left = request.maxTokens ?? Number.POSITIVE_INFINITY;
  }

  async *generate(): AsyncGenerator<GenerateChunk> {
    const { constraint } = this.#request;
    if (constraint === undefined) return yield* this.#free();
    const content = yield* this.#header(new TokenPattern(constraint));
    if (content?.type === "json") {
      // The server makes a grammar of the schema. It cannot be resumed, so this is one request.
      yield (await this.#sample(this.#left, { json_schema: JSON.parse(content.schema) })).chunk;
    } else if (content !== undefined) yield* this.#free();
  }

  /** Samples until a stop token or the maximum. */
  async *#free(): AsyncGenerator<GenerateChunk> {
    while (this.#left > 0) {
      const { chunk, isFull } = await this.#sample(Math.min(this.#slice, this.#left), {});
      const goesOn = chunk.finishReason === "length" && this.#left > 0 && isFull;
      yield goesOn ? { ...chunk, finishReason: undefined } : chunk;
      if (!goesOn) return;
    }
  }

  /** Samples the messages of a pattern up to the last one's content, which it gives. */
  async *#header(pattern: TokenPattern): AsyncGenerator<GenerateChunk, MessageContent | undefined> {
    while (this.#left > 0) {
      const count = Math.min(this.#slice, this.#left);
      const before = this.#tokens.length;
      const { chunk, isFull } = await this.#sample(count, { grammar: pattern.grammar });
      const { tokens } = chunk;
      let kept = 0;
      while (kept < tokens.length && pattern.content === undefined) {
        if (!pattern.push(tokens[kept] ?? -1)) throw new BackendError(NO_GRAMMAR);
        kept += 1;
      }
      // After the header the grammar allows a stop token alone.
      this.#forget(tokens.length - kept, before + kept);
      const isOver = pattern.content === undefined && (this.#left === 0 || !isFull);
      yield { tokens: tokens.slice(0, kept), ...(isOver && { finishReason: "length" }) };
      if (isOver || pattern.content !== undefined) return pattern.content;
    }
    return undefined;
  }

  #forget(count: number, length: number): void {
    this.#left += count;
    this.#tokens.length = length;
  }

  /** One request, and whether it gave as many ids as it asked for: if not, the context is full. */
  async #sample(count: number, extra: Extra): Promise<{ chunk: Slice; isFull: boolean }> {
    const body = { ...requestBody(this.#request, this.#tokens, count, this.#index), ...extra };
    const answer = await sampled(this.#options, body, this.#request);
    const chunk = chunkOf(answer, this.#request.stopTokens);
    this.#index += 1;
    for (const token of chunk.tokens) this.#tokens.push(token);
    this.#left -= chunk.tokens.length;
    return { chunk, isFull: chunk.tokens.length >= count };
  }
}

const NO_GRAMMAR =
  "the backend sampled ids that its grammar does not allow: llama.cpp has token ids in grammars " +
  "since December 2025";

async function sampled(
  options: LlamaCppOptions,
  body: object,
  request: GenerateRequest,
): Promise<Fields> {
  const response = await post(options, "completion", body, request.signal);
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    request.signal.throwIfAborted();
    throw new BackendError(BROKE_OFF, { cause: error });
  }
  return answerFrom(text);
}

function requestBody(
  request: GenerateRequest,
  prompt: readonly number[],
  count: number,
  index: number,
): object {
  const { logitBias = {} } = request;
  return {
    prompt,
    n_predict: count === Number.POSITIVE_INFINITY ? -1 : count,
    return_tokens: true,
    cache_prompt: true,
    // The server's defaults are top_k 40 and min_p 0.05; gpt-oss is sampled without them.
    top_k: 0,
    min_p: 0,
    temperature: request.temperature ?? 1,
    top_p: request.topP ?? 1,
    // Each slice seeds the sampler; one seed for all would repeat its draws.
    seed: request.seed === undefined ? undefined : (request.seed + index) >>> 0,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: Object.entries(logitBias).map(([token, bias]) => [Number(token), bias]),
    n_probs: request.logprobs === undefined ? undefined : Math.max(1, request.logprobs),
  };
}

/** A slice, up to its first stop token: the server knows only the model's own. */
function chunkOf(answer: Fields, stopTokens: readonly number[]): Slice {
  const tokens = tokensOf(answer);
  const logprobs = logprobsOf(answer.completion_probabilities, tokens);
  const stop = tokens.findIndex((token) => stopTokens.includes(token));
  if (stop >= 0) {
    const length = stop + 1;
    const finishReason = "stop";
    return { tokens: tokens.slice(0, length), finishReason, logprobs: logprobs?.slice(0, length) };
  }
  return { tokens, finishReason: answer.stop_type === "limit" ? "length" : "stop", logprobs };
}

function tokensOf(answer: Fields): number[] {
  const tokens = answer.tokens;
  const predicted = answer.tokens_predicted;
  if (areTokens(tokens) && tokens.length === predicted) return tokens;
  const got = Array.isArray(tokens) ? `${tokens.length} tokens` : "no tokens";
  throw new BackendError(
    `expected the ${String(predicted)} sampled ids from the backend, got ${got}: the server, or a ` +
      "proxy before it, does not support return_tokens of POST /completion",
  );
}

/** Those of a slice whose characters are all whole: for the others the server has not all. */
function logprobsOf(value: unknown, tokens: readonly number[]): TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length !== tokens.length) return undefined;
  return value.map((each: unknown, index) => ({
    token: tokens[index] ?? 0,
    logprob: isFields(each) ? Number(each.logprob) : Number.NaN,
    top: isFields(each) && Array.isArray(each.top_logprobs) ? topOf(each.top_logprobs) : [],
  }));
}

function topOf(values: readonly unknown[]): { token: number; logprob: number }[] {
  return values.filter(isFields).map((each) => ({
    token: Number(each.id),
    logprob: Number(each.logprob),
  }));
}
