/**
 * The wire of llama.cpp's server: `POST /completion` with ids in the prompt and
 * `return_tokens`. This module promises every sampled id.
 *
 * The server's streams lose ids: where a token ends inside a character, only the
 * last id of the character is sent (34 sampled, 19 arrived). Its whole answers
 * have all. So a completion is sampled in slices, each a whole answer that
 * continues the one before; the server keeps the prompt in its cache, so a
 * slice evaluates one id again.
 */

import type { TokenLogprob } from "../types.js";
import { type Backend, BackendError, type GenerateChunk, type GenerateRequest } from "./backend.js";
import { type HttpOptions, post } from "./http.js";
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

/**
 * A backend over llama.cpp's server. `baseURL` is the server's address, without
 * `/v1`. `generate` throws a {@link BackendError} for whatever the server does wrong.
 *
 * @example
 * ```ts
 * import { llamaCppBackend } from "harmony-wasm/openai";
 *
 * const backend = llamaCppBackend({ baseURL: "http://127.0.0.1:8080", sliceTokens: 32 });
 * typeof backend.generate; // => "function"
 * ```
 */
export function llamaCppBackend(options: LlamaCppOptions): Backend {
  const slice = options.sliceTokens ?? SLICE_TOKENS;
  if (!(slice >= 1)) throw new RangeError(`"sliceTokens" expected 1 or more, got ${slice}`);
  return { generate: (request) => generate(options, Math.floor(slice), request) };
}

async function* generate(
  options: LlamaCppOptions,
  slice: number,
  request: GenerateRequest,
): AsyncGenerator<GenerateChunk> {
  const tokens = Array.from(request.promptTokens);
  let left = request.maxTokens ?? Number.POSITIVE_INFINITY;
  for (let index = 0; left > 0; index += 1) {
    const count = Math.min(slice, left);
    const answer = await sampled(options, requestBody(request, tokens, count, index), request);
    const chunk = chunkOf(answer, request.stopTokens);
    const sampledTokens = Array.from(chunk.tokens);
    left -= sampledTokens.length;
    if (chunk.finishReason === "length" && left > 0 && sampledTokens.length > 0) {
      // The slice is full, or the context: then the next slice cannot begin.
      const isContextFull = sampledTokens.length < count;
      yield isContextFull ? chunk : { ...chunk, finishReason: undefined };
      if (isContextFull) return;
    } else {
      yield chunk;
      return;
    }
    for (const token of sampledTokens) tokens.push(token);
  }
}

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
    throw new BackendError("the connection to the backend broke off", { cause: error });
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
function chunkOf(answer: Fields, stopTokens: readonly number[]): GenerateChunk {
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
