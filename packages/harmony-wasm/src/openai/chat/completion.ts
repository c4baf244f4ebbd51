/** A whole completion as a Chat Completions answer. */

import type { HarmonyEncoding, TokenInput } from "../../index.js";
import { randomId } from "../answer/ids.js";
import { AnswerReader } from "../answer/reader.js";
import type { AnswerOptions, Prompt } from "../types.js";
import { Deltas, extensionOf, finishReasonOf, usageOf } from "./chunks.js";
import type { ChatCompletion, ChatCompletionMessage, ChatDelta } from "./types.js";

/**
 * The answer to a request. Never throws on ids: what recovery had to guess is in `harmony.repairs`.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { chatCompletion, promptFromChat } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = promptFromChat(encoding, { messages: [{ role: "user", content: "2 + 2?" }] });
 * const text = "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>";
 * const sampled = encoding.encode(text, { allowedSpecial: "all" });
 * const [choice] = chatCompletion(encoding, prompt, sampled).choices;
 * [choice?.message.reasoning, choice?.message.content, choice?.finish_reason];
 * // => ["Easy.", "Four.", "stop"]
 * ```
 */
export function chatCompletion(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  completion: TokenInput,
  options: AnswerOptions = {},
): ChatCompletion {
  const reader = new AnswerReader(encoding, prompt);
  reader.finishReason = options.finishReason;
  const deltas = new Deltas(options);
  const message: ChatCompletionMessage = { role: "assistant", content: null, refusal: null };
  for (const event of reader.readAll(completion)) {
    if (event.type === "start" && event.part.kind === "text") message.content ??= "";
    for (const delta of deltas.of(event)) add(message, delta);
  }
  const { ending } = reader;
  return {
    id: options.id ?? randomId("chatcmpl-"),
    object: "chat.completion",
    created: options.created ?? Math.floor(Date.now() / 1000),
    model: options.model ?? String(prompt.request.body.model ?? ""),
    choices: [{ index: 0, message, finish_reason: finishReasonOf(ending), logprobs: null }],
    usage: usageOf(prompt, ending),
    ...extensionOf(ending),
  };
}

function add(message: ChatCompletionMessage, delta: ChatDelta): void {
  if (typeof delta.content === "string") message.content = (message.content ?? "") + delta.content;
  if (delta.reasoning !== undefined) {
    const reasoning = (message.reasoning ?? "") + delta.reasoning;
    message.reasoning = reasoning;
    message.reasoning_content = reasoning;
  }
  for (const { id, function: called, custom } of delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    if (id !== undefined) {
      const { name = "" } = called ?? custom ?? {};
      message.tool_calls.push(
        custom
          ? { id, type: "custom", custom: { name, input: "" } }
          : { id, type: "function", function: { name, arguments: "" } },
      );
    } else {
      const last = message.tool_calls.at(-1);
      if (last?.type === "function") last.function.arguments += called?.arguments ?? "";
      else if (last) last.custom.input += custom?.input ?? "";
    }
  }
}
