/**
 * The wire of vLLM and SGLang: `POST /v1/completions` with ids in the prompt and
 * `return_token_ids`. This module promises every sampled id; a server that drops
 * them is named at its first chunk.
 */

import { type OptionChecks, requiredBy } from "../check/options.js";
import { atLeast, flag, text } from "../check/values.js";
import { leavesFree } from "../constraints/message-constraint.js";
import { structuralTag } from "../constraints/structural-tag.js";
import type { TokenLogprob } from "../types.js";
import { type Backend, BackendError, type GenerateChunk, type GenerateRequest } from "./backend.js";
import { HTTP_OPTIONS, refuseBareAddress } from "./check.js";
import { type HttpOptions, post } from "./http.js";
import { answerFrom, areTokens, type Fields, isFields, shown } from "./json.js";
import { eventData } from "./server-sent-events.js";

/** Options of {@link completionsBackend}. */
export interface CompletionsOptions extends HttpOptions {
  /** The model's name on the server. Default none: a server of one model knows it. */
  model?: string | undefined;
  /**
   * How many ids the prompt and the completion have together at most. A request
   * that names no maximum then gets the rest of it; by default the server decides.
   */
  contextLength?: number | undefined;
  /** Whether the server takes structural tags. Default true; vLLM does since 0.11, SGLang since 0.5.4. */
  structuralTags?: boolean | undefined;
}

const OPTIONS: OptionChecks<CompletionsOptions> = {
  ...HTTP_OPTIONS,
  model: text,
  contextLength: atLeast(1),
  structuralTags: flag,
};

/**
 * A backend over the completions endpoint of vLLM or SGLang. `baseURL` ends with
 * `/v1`. `generate` throws a {@link BackendError} for whatever the server does wrong.
 *
 * @throws {TypeError} For an option that does not exist, and for a `baseURL` that is not an http or https address.
 *
 * @example
 * ```ts
 * import { completionsBackend } from "harmony-wasm/openai";
 *
 * const backend = completionsBackend({
 *   baseURL: "http://127.0.0.1:8000/v1",
 *   model: "openai/gpt-oss-20b",
 * });
 * typeof backend.generate; // => "function"
 * ```
 */
export function completionsBackend(given: CompletionsOptions): Backend {
  refuseBareAddress(given);
  const options = requiredBy("options", given, OPTIONS, ["baseURL"]);
  const { structuralTags = true } = options;
  return {
    generate: (request) => generate(options, request),
    constrains: (constraint) => structuralTags && !leavesFree(constraint, ["regex"]),
  };
}

async function* generate(
  options: CompletionsOptions,
  request: GenerateRequest,
): AsyncGenerator<GenerateChunk> {
  const body = requestBody(options, request);
  const response = await post(options, "completions", body, request.signal);
  let isFirst = true;
  for await (const data of eventData(response)) {
    request.signal.throwIfAborted();
    if (data === "[DONE]") break;
    const choice = choiceOf(answerFrom(data));
    // The last event has the usage and no choice.
    if (choice === undefined) continue;
    const chunk = chunkOf(choice, isFirst);
    isFirst = false;
    yield chunk;
    if (chunk.finishReason !== undefined) return;
  }
  request.signal.throwIfAborted();
  throw new BackendError("the backend's stream ended before the completion did");
}

function requestBody(options: CompletionsOptions, request: GenerateRequest): object {
  const { contextLength, structuralTags = true } = options;
  const { constraint } = request;
  const rest =
    contextLength === undefined ? null : Math.max(1, contextLength - request.promptTokens.length);
  return {
    model: options.model,
    prompt: Array.from(request.promptTokens),
    // vLLM samples 16 ids when the field is missing, and to the end when it is null.
    max_tokens: request.maxTokens ?? rest,
    stop_token_ids: request.stopTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    response_format: structuralTags && constraint ? structuralTag(constraint) : undefined,
    return_tokens_as_token_ids: request.logprobs === undefined ? undefined : true,
    stream: true,
    return_token_ids: true,
    add_special_tokens: false,
    skip_special_tokens: false,
  };
}

function choiceOf(answer: Fields): Fields | undefined {
  const choices = answer.choices;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isFields(choice) ? choice : undefined;
}

function chunkOf(choice: Fields, isFirst: boolean): GenerateChunk {
  const tokens = tokensOf(choice, isFirst);
  const logprobs = logprobsOf(choice.logprobs, tokens);
  return { tokens, finishReason: finishReasonOf(choice.finish_reason), logprobs };
}

/** A chunk without ids is one that only says how the completion ended. */
function tokensOf(choice: Fields, isFirst: boolean): number[] {
  const tokens = choice.token_ids;
  if (areTokens(tokens)) return tokens;
  const isMissing = tokens === undefined || tokens === null;
  if (isMissing && !isFirst && choice.text === "") return [];
  if (!isMissing) {
    const got = shown(JSON.stringify(tokens));
    throw new BackendError(`expected ids from the backend, got token_ids ${got}`);
  }
  throw new BackendError(
    "expected token_ids in each chunk of the backend, got no token_ids: the server, or a proxy before " +
      "it, does not support return_token_ids; vLLM does since 0.10.2, llama.cpp needs llamaCppBackend",
  );
}

function finishReasonOf(reason: unknown): "stop" | "length" | undefined {
  if (reason === null || reason === undefined) return undefined;
  if (reason === "stop" || reason === "length") return reason;
  throw new BackendError(`the backend ended the completion: ${shown(JSON.stringify(reason))}`);
}

/** With `return_tokens_as_token_ids` a token is spelled `token_id:123`. */
function logprobsOf(value: unknown, tokens: readonly number[]): TokenLogprob[] | undefined {
  if (!isFields(value) || !Array.isArray(value.token_logprobs)) return undefined;
  const chosen: unknown[] = value.token_logprobs;
  if (chosen.length !== tokens.length) return undefined;
  const tops: unknown[] = Array.isArray(value.top_logprobs) ? value.top_logprobs : [];
  return tokens.map((token, index) => ({
    token,
    logprob: Number(chosen[index]),
    top: topOf(tops[index]),
  }));
}

function topOf(value: unknown): { token: number; logprob: number }[] {
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([spelled, logprob]) => {
    const token = Number(spelled.replace(/^token_id:/, ""));
    return Number.isInteger(token) ? [{ token, logprob: Number(logprob) }] : [];
  });
}
