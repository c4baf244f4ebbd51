/** A whole completion as a Chat Completions answer. */

import type { HarmonyEncoding, TokenInput } from "../../index.js";
import { completionsOf } from "../answer/completion-input.js";
import { randomId } from "../answer/ids.js";
import { ANSWER_OPTIONS, checkAnswered } from "../answer/options.js";
import { AnswerReader, type Ending, type PartEvent } from "../answer/reader.js";
import { checkedBy } from "../check/options.js";
import type { AnswerOptions, Prompt, TokenChunk } from "../types.js";
import type {
  ChatCompletion,
  ChatCompletionMessage,
  ChatDelta,
  ChatLogprobs,
} from "../wire/chat.js";
import { Deltas, extensionOf, finishReasonOf, logprobsOf, usageOf } from "./chunks.js";

/**
 * The answer to a request. Never throws on ids: the repairs of recovery are in `harmony.repairs`.
 * A list of completions is as many choices. Log probabilities come with the tokens, as a backend
 * gives them: `{ tokens, finishReason, logprobs }`.
 *
 * @throws {TypeError} for anything but token ids, such as the answer of an engine.
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
  completion: TokenInput | TokenChunk | readonly TokenChunk[],
  given?: AnswerOptions | null,
): ChatCompletion {
  checkAnswered(encoding, prompt);
  const options = checkedBy<AnswerOptions>("options", given, ANSWER_OPTIONS);
  const endings: Ending[] = [];
  const choices = completionsOf(completion).map((each, index) => {
    const reader = new AnswerReader(encoding, prompt);
    reader.finishReason = options.finishReason;
    const events = reader.readAll(each);
    endings.push(reader.ending);
    return {
      index,
      message: messageOf(events, options),
      finish_reason: finishReasonOf(reader.ending),
      logprobs: allLogprobs(encoding, prompt, events),
    };
  });
  return {
    id: options.id ?? randomId("chatcmpl-"),
    object: "chat.completion",
    created: options.created ?? Math.floor(Date.now() / 1000),
    model: options.model ?? prompt.request.body.model ?? "",
    choices,
    usage: usageOf(prompt, endings),
    ...extensionOf(endings),
  };
}

function messageOf(events: readonly PartEvent[], options: AnswerOptions): ChatCompletionMessage {
  const deltas = new Deltas(options);
  const message: ChatCompletionMessage = { role: "assistant", content: null, refusal: null };
  for (const event of events) {
    if (event.type === "start" && event.part.kind === "text") message.content ??= "";
    for (const delta of deltas.of(event)) add(message, delta);
  }
  return message;
}

/** The log probabilities of the whole content; null where none were sampled. */
function allLogprobs(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  events: readonly PartEvent[],
): ChatLogprobs | null {
  const content = events.flatMap((event) => logprobsOf(encoding, prompt, event)?.content ?? []);
  return content.length > 0 ? { content, refusal: null } : null;
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
