/** A Chat Completions request as a prompt. */

import type { HarmonyEncoding } from "../../index.js";
import { Draft } from "../conversation/draft.js";
import { responseFormatAt } from "../conversation/response-format.js";
import { chatTools, toolListOf, toolNamesOf } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  kindOf,
  optionalFlagAt,
  optionalTextAt,
} from "../json/fields.js";
import { memberOf, startOf } from "../json/source.js";
import { toolChoiceAt } from "../prompt/constraint.js";
import { CHAT_FIELDS } from "../prompt/fields.js";
import { makePrompt } from "../prompt/make-prompt.js";
import { checkedPromptOptions } from "../prompt/options.js";
import { readRequest, samplingOf } from "../prompt/read-request.js";
import { logitBiasAt, samplingNumberOf } from "../prompt/sampling-numbers.js";
import type { Prompt, PromptOptions, Sampling } from "../types.js";
import type { ChatCompletionRequest } from "../wire/chat.js";
import { readMessages } from "./messages.js";

/**
 * The prompt of a Chat Completions request. Request JSON text keeps the numbers
 * and the key order of schemas and arguments; a parsed request is written as JSON first.
 *
 * @throws {RequestError} for what cannot be carried over, with the field's path.
 * @throws {TypeError} for an option that does not exist, and for an object with what JSON cannot carry.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { promptFromChat } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = promptFromChat(encoding, { messages: [{ role: "user", content: "Tokyo?" }] });
 * encoding.decodeUtf8(prompt.tokens).endsWith("<|start|>user<|message|>Tokyo?<|end|><|start|>assistant");
 * // => true
 * ```
 */
export function promptFromChat(
  encoding: HarmonyEncoding,
  request: ChatCompletionRequest | string,
  given?: PromptOptions | null,
): Prompt {
  const options = checkedPromptOptions(encoding, given);
  const { text, body, report } = readRequest(request, CHAT_FIELDS, options);
  const namespaces = chatTools(toolListOf(body, text), (message, path) => {
    report.unsupported("unsupported_value", message, path);
  });
  const names = toolNamesOf(namespaces);
  const draft = new Draft(names);
  const messages = arrayAt(body.messages, "messages");
  readMessages(text, messages, draft, names, {
    from: "request",
    omitted: (message, path) => report.warn("omitted_item", message, path),
  });
  refusePrefill(messages);
  const template = optionalFieldsAt(body.chat_template_kwargs, "chat_template_kwargs");
  const stream = optionalFieldsAt(body.stream_options, "stream_options");
  optionalFlagAt(stream.include_usage, "stream_options.include_usage");
  const parts = {
    draft,
    namespaces,
    builtinTools: options.builtinTools ?? [],
    choice: toolChoiceAt(body.tool_choice ?? body.function_call, "tool_choice"),
    format: responseFormatAt(
      body.response_format,
      text,
      memberOf(text, startOf(text), "response_format"),
      "response_format",
      (message, path) => report.warn("ignored_parameter", message, path),
    ),
    sampling: chatSampling(body),
    effort: { value: body.reasoning_effort ?? template.reasoning_effort, path: "reasoning_effort" },
    modelIdentity: optionalTextAt(template.model_identity, "chat_template_kwargs.model_identity"),
    parallelToolCalls: optionalFlagAt(body.parallel_tool_calls, "parallel_tool_calls") ?? true,
    keepAnalysis: options.keepAnalysis ?? false,
    request: {
      api: "chat" as const,
      body: { ...body, messages: messages.map((each) => Object(each)) },
    },
  };
  return makePrompt(encoding, parts, options, report);
}

/** OpenAI has no way to continue a message of the assistant, so a model would start a second one. */
function refusePrefill(messages: readonly unknown[]): void {
  const last = messages.at(-1);
  if (!isFields(last) || last.role !== "assistant") return;
  const message = "expected the last message to be a user's or a tool's, got an assistant's";
  throw new RequestError("unsupported_value", message, `messages[${messages.length - 1}].role`);
}

function optionalFieldsAt(value: unknown, path: string): Fields {
  return isPresent(value) ? fieldsAt(value, path) : {};
}

function chatSampling(body: Fields): Sampling {
  const number = (name: Parameters<typeof samplingNumberOf>[1]) => samplingNumberOf(body, name);
  const [most, before] = [number("max_completion_tokens"), number("max_tokens")];
  const top = number("top_logprobs");
  return samplingOf({
    maxTokens: most ?? before,
    temperature: number("temperature"),
    topP: number("top_p"),
    seed: number("seed"),
    presencePenalty: number("presence_penalty"),
    frequencyPenalty: number("frequency_penalty"),
    n: number("n"),
    logprobs: optionalFlagAt(body.logprobs, "logprobs") ? (top ?? 0) : undefined,
    logitBias: logitBiasAt(body.logit_bias, "logit_bias"),
    stop: stopTextsAt(body.stop),
  });
}

function stopTextsAt(value: unknown): string[] | undefined {
  if (!isPresent(value)) return undefined;
  if (typeof value !== "string" && !Array.isArray(value)) {
    const message = `expected a string or an array of strings, got ${kindOf(value)}`;
    throw new RequestError("invalid_type", message, "stop");
  }
  const stops: readonly unknown[] = typeof value === "string" ? [value] : value;
  return stops.flatMap((each, index) => optionalTextAt(each, `stop[${index}]`) || []);
}
