/** A completion as Chat Completions' chunks. */

import type { HarmonyEncoding } from "../../index.js";
import { readChoices, readersFor } from "../answer/choices.js";
import { checkedSource } from "../answer/completion-input.js";
import { randomId } from "../answer/ids.js";
import { writtenLogprobs } from "../answer/logprobs.js";
import { checkAnswered, STREAM_OPTIONS } from "../answer/options.js";
import type { CallPart, Ending, PartEvent } from "../answer/reader.js";
import { checkedBy } from "../check/options.js";
import type { AnswerOptions, CompletionSource, Prompt, StreamOptions } from "../types.js";
import type {
  ChatCompletionChunk,
  ChatDelta,
  ChatFinishReason,
  ChatLogprobs,
  ChatUsage,
} from "../wire/chat.js";

/**
 * The chunks of an answer, each as soon as its tokens are there: the role, the
 * deltas, the finish reason, and the usage where `stream_options.include_usage`
 * asks for it. `data: [DONE]` is the transport's. Of a request with `n`, each
 * chunk of the source names its `choice`.
 *
 * @throws What the source throws.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { chatCompletionChunks, promptFromChat } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = promptFromChat(encoding, { messages: [{ role: "user", content: "2 + 2?" }] });
 * const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", { allowedSpecial: "all" });
 * let text = "";
 * for await (const { choices } of chatCompletionChunks(encoding, prompt, [sampled])) {
 *   text += choices[0]?.delta.content ?? "";
 * }
 * text; // => "Four."
 * ```
 */
export function chatCompletionChunks(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: CompletionSource,
  options?: StreamOptions | null,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  checkAnswered(encoding, prompt);
  const given = checkedBy<StreamOptions>("options", options, STREAM_OPTIONS);
  return chunksOf(encoding, prompt, checkedSource(source), given);
}

async function* chunksOf(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: CompletionSource,
  options: StreamOptions,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const readers = readersFor(encoding, prompt, prompt.sampling.n ?? 1, options);
  const deltas = readers.map(() => new Deltas(options));
  const head = headOf(prompt, options);
  const written = chunkWriter(prompt, head);
  for (const index of readers.keys()) yield written(index, { role: "assistant", content: "" });
  for await (const [index, event] of readChoices(readers, source, options.signal)) {
    const logprobs = logprobsOf(encoding, prompt, event);
    for (const delta of deltas[index]?.of(event) ?? []) yield written(index, delta, { logprobs });
  }
  for (const [index, reader] of readers.entries()) {
    const { ending } = reader;
    const finish_reason = finishReasonOf(ending);
    yield { ...written(index, {}, { finish_reason }), ...extensionOf([ending]) };
  }
  if (!usageIsAsked(prompt)) return;
  const usage = usageOf(
    prompt,
    readers.map(({ ending }) => ending),
  );
  yield { ...head, choices: [], usage };
}

/** Makes the chunks of one answer. */
function chunkWriter(prompt: Prompt, head: ReturnType<typeof headOf>) {
  return (
    index: number,
    delta: ChatDelta,
    end: Partial<Pick<ChatCompletionChunk["choices"][number], "finish_reason" | "logprobs">> = {},
  ): ChatCompletionChunk => {
    const { finish_reason = null, logprobs = null } = end;
    return {
      ...head,
      choices: [{ index, delta, finish_reason, logprobs }],
      ...(usageIsAsked(prompt) && { usage: null }),
    };
  };
}

/** The same in every chunk of an answer. */
function headOf(prompt: Prompt, options: StreamOptions) {
  return {
    id: options.id ?? randomId("chatcmpl-"),
    object: "chat.completion.chunk" as const,
    created: options.created ?? Math.floor(Date.now() / 1000),
    model: options.model ?? prompt.request.body.model ?? "",
  };
}

/** Turns parts into deltas of the message. Several texts are joined by newlines. */
export class Deltas {
  readonly #newId: NonNullable<AnswerOptions["newId"]>;
  #call = -1;
  #hasText = { text: false, thought: false };
  #isFirst = true;

  constructor({ newId = randomId }: AnswerOptions) {
    this.#newId = newId;
  }

  *of(event: PartEvent): Generator<ChatDelta> {
    const { part } = event;
    if (event.type === "start") {
      this.#isFirst = true;
      if (part.kind === "call") yield this.#callStart(part);
    } else if (event.type === "delta") {
      if (part.kind === "call") yield this.#callDelta(part, event.delta);
      else yield this.#textDelta(part.kind, event.delta);
    }
  }

  #callStart({ type, name }: CallPart): ChatDelta {
    this.#call += 1;
    const call = { index: this.#call, id: this.#newId("call_") };
    if (type === "custom") return { tool_calls: [{ ...call, type, custom: { name, input: "" } }] };
    return { tool_calls: [{ ...call, type, function: { name, arguments: "" } }] };
  }

  #callDelta({ type }: CallPart, delta: string): ChatDelta {
    const index = this.#call;
    if (type === "custom") return { tool_calls: [{ index, custom: { input: delta } }] };
    return { tool_calls: [{ index, function: { arguments: delta } }] };
  }

  #textDelta(kind: "text" | "thought", given: string): ChatDelta {
    const delta = this.#isFirst && this.#hasText[kind] ? `\n${given}` : given;
    this.#isFirst = false;
    this.#hasText[kind] = true;
    return kind === "text" ? { content: delta } : { reasoning: delta, reasoning_content: delta };
  }
}

/** `length` wins over `tool_calls`: the calls of a cut completion may be incomplete. */
export function finishReasonOf({ finishReason, hasCall }: Ending): ChatFinishReason {
  if (finishReason === "length") return "length";
  return hasCall ? "tool_calls" : "stop";
}

/** Counts of the prompt's ids and the sampled ones of all choices, special tokens included. */
export function usageOf(prompt: Prompt, endings: readonly Ending[]): ChatUsage {
  const sum = (count: (ending: Ending) => number) =>
    endings.reduce((total, ending) => total + count(ending), 0);
  const tokens = sum((ending) => ending.tokens);
  const cached = endings.find(({ cachedTokens }) => cachedTokens !== undefined)?.cachedTokens;
  return {
    prompt_tokens: prompt.tokens.length,
    completion_tokens: tokens,
    total_tokens: prompt.tokens.length + tokens,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
    completion_tokens_details: { reasoning_tokens: sum((ending) => ending.reasoningTokens) },
  };
}

/** The repairs of recovery, if there are any. */
export function extensionOf(endings: readonly Ending[]) {
  const repairs = endings.flatMap((ending) => ending.repairs);
  return repairs.length > 0 ? { harmony: { repairs } } : {};
}

/** The log probabilities of a delta of content, or null. */
export function logprobsOf(
  encoding: HarmonyEncoding,
  { sampling }: Prompt,
  event: PartEvent,
): ChatLogprobs | null {
  if (event.type !== "delta" || !event.logprobs) return null;
  const content = writtenLogprobs(encoding, event.logprobs, sampling.logprobs ?? 0);
  return { content, refusal: null };
}

function usageIsAsked({ request }: Prompt): boolean {
  return request.api === "chat" && request.body.stream_options?.include_usage === true;
}
