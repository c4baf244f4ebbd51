/** A Chat Completions request as a prompt. */

import type { HarmonyEncoding } from "../../index.js";
import { Draft } from "../conversation/draft.js";
import { ToolNames } from "../conversation/names.js";
import { responseFormatAt } from "../conversation/response-format.js";
import { type Namespace, namespacesAt, sourceOf } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalFlagAt,
  optionalNumberAt,
  optionalTextAt,
  parsedAt,
} from "../json/fields.js";
import { memberOf, valueAt } from "../json/source.js";
import { toolChoiceAt } from "../prompt/constraint.js";
import { CHAT_FIELDS } from "../prompt/fields.js";
import { makePrompt } from "../prompt/make-prompt.js";
import { Reporter } from "../prompt/reporter.js";
import type { Prompt, PromptOptions, Sampling } from "../types.js";
import { MessageReader, messagePlaces } from "./messages.js";
import type { ChatCompletionRequest } from "./types.js";

/**
 * The prompt of a Chat Completions request. Request JSON text keeps the numbers
 * and the key order of schemas and arguments; a parsed request is written by
 * `JSON.stringify`.
 *
 * @throws {RequestError} for what cannot be carried over, with the field's path.
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
  options: PromptOptions = {},
): Prompt {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  const body = fieldsAt(parsedAt(text, ""), "");
  const report = new Reporter(options);
  report.fields(body, CHAT_FIELDS);
  const namespaces = namespacesOf(body, text, report);
  const offered = namespaces.flatMap(({ tools }) => tools);
  const names = new ToolNames(new Map(offered.map((tool) => [tool.recipient, tool])));
  const draft = new Draft(names);
  const reader = new MessageReader(text, draft, names, { textIsText: true });
  const places = messagePlaces(text, "messages");
  const messages = arrayAt(body.messages, "messages");
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    reader.read(fieldsAt(message, path), path, () => places(index));
  });
  refusePrefill(messages);
  const template = isFields(body.chat_template_kwargs) ? body.chat_template_kwargs : {};
  const parts = {
    draft,
    namespaces,
    builtinTools: options.builtinTools ?? [],
    choice: toolChoiceAt(body.tool_choice ?? body.function_call, "tool_choice"),
    format: responseFormatAt(
      body.response_format,
      text,
      memberOf(text, valueAt(text, 0), "response_format"),
      "response_format",
    ),
    sampling: samplingOf(body),
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

/** OpenAI continues no message of the assistant: a new one would repeat it. */
function refusePrefill(messages: readonly unknown[]): void {
  const last = messages.at(-1);
  if (!isFields(last) || last.role !== "assistant") return;
  const message = "expected the last message to be a user's or a tool's, got an assistant's";
  throw new RequestError("unsupported_value", message, `messages[${messages.length - 1}].role`);
}

function namespacesOf(body: Fields, text: string, report: Reporter): Namespace[] {
  const name = isPresent(body.tools) ? "tools" : "functions";
  const source = sourceOf(body, name, text);
  return source
    ? namespacesAt(source.value, source, name, ({ type }, path) => {
        const message = `expected a function or a custom tool, got type ${JSON.stringify(type)}`;
        report.unsupported("unsupported_value", message, `${path}.type`);
      })
    : [];
}

function samplingOf(body: Fields): Sampling {
  const number = (name: string) => optionalNumberAt(body[name], name);
  const given = {
    maxTokens: number("max_completion_tokens") ?? number("max_tokens"),
    temperature: number("temperature"),
    topP: number("top_p"),
    seed: number("seed"),
    presencePenalty: number("presence_penalty"),
    frequencyPenalty: number("frequency_penalty"),
    n: number("n"),
    logprobs: body.logprobs === true ? (number("top_logprobs") ?? 0) : undefined,
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const sampling: Sampling = Object.fromEntries(present);
  if (isPresent(body.logit_bias)) {
    const bias = Object.entries(fieldsAt(body.logit_bias, "logit_bias")).map(
      ([id, value]) => [id, optionalNumberAt(value, `logit_bias.${id}`) ?? 0] as const,
    );
    sampling.logitBias = Object.fromEntries(bias);
  }
  if (!isPresent(body.stop)) return sampling;
  const stops = typeof body.stop === "string" ? [body.stop] : arrayAt(body.stop, "stop");
  const stop = stops.flatMap((each, index) => optionalTextAt(each, `stop[${index}]`) || []);
  return { ...sampling, stop };
}
