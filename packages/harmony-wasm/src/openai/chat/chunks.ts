/** A completion as Chat Completions' chunks. */

import type { HarmonyEncoding } from "../../index.js";
import { randomId } from "../answer/ids.js";
import { AnswerReader, type CallPart, type Ending, type PartEvent } from "../answer/reader.js";
import type { AnswerOptions, Prompt, StreamOptions, TokenSource } from "../types.js";
import type { ChatCompletionChunk, ChatDelta, ChatFinishReason, ChatUsage } from "./types.js";

/**
 * The chunks of an answer, each as soon as its tokens are there: the role, the
 * deltas, the finish reason, and the usage where `stream_options.include_usage`
 * asks for it. `data: [DONE]` is the transport's.
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
export async function* chatCompletionChunks(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: TokenSource,
  options: StreamOptions = {},
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const reader = new AnswerReader(encoding, prompt);
  const includesUsage = usageIsAsked(prompt);
  const head = {
    id: options.id ?? randomId("chatcmpl-"),
    object: "chat.completion.chunk" as const,
    created: options.created ?? Math.floor(Date.now() / 1000),
    model: options.model ?? String(prompt.request.body.model ?? ""),
  };
  const chunk = (delta: ChatDelta, finish_reason: ChatFinishReason | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason, logprobs: null }],
    ...(includesUsage && { usage: null }),
  });
  yield chunk({ role: "assistant", content: "" });
  const deltas = new Deltas(options);
  for await (const event of reader.read(source, options.signal)) {
    for (const delta of deltas.of(event)) yield chunk(delta);
  }
  if (options.finishReason !== undefined) reader.finishReason = options.finishReason;
  const { ending } = reader;
  yield { ...chunk({}, finishReasonOf(ending)), ...extensionOf(ending) };
  if (includesUsage) yield { ...head, choices: [], usage: usageOf(prompt, ending) };
}

/** Parts as what they add to the message. Several texts are joined by newlines. */
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

/** A cut completion is cut, whatever is in it. */
export function finishReasonOf({ finishReason, hasCall }: Ending): ChatFinishReason {
  if (finishReason === "length") return "length";
  return hasCall ? "tool_calls" : "stop";
}

/** Counts of the prompt's ids and the sampled ones, special tokens included. */
export function usageOf(prompt: Prompt, { tokens, reasoningTokens }: Ending): ChatUsage {
  return {
    prompt_tokens: prompt.tokens.length,
    completion_tokens: tokens,
    total_tokens: prompt.tokens.length + tokens,
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

/** What recovery had to guess, if anything. */
export function extensionOf({ repairs }: Ending) {
  return repairs.length > 0 ? { harmony: { repairs } } : {};
}

function usageIsAsked({ request }: Prompt): boolean {
  return request.api === "chat" && request.body.stream_options?.include_usage === true;
}
