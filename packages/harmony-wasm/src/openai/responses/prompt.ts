/** A Responses request as a prompt. */

import type { HarmonyEncoding } from "../../index.js";
import type { BuiltinTool } from "../conversation/assemble.js";
import { Draft } from "../conversation/draft.js";
import { responseFormatAt } from "../conversation/response-format.js";
import { namespacesAt, sourceOf, toolNamesOf } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  entryOf,
  type Fields,
  fieldsAt,
  isPresent,
  kindOf,
  optionalFlagAt,
  optionalTextAt,
} from "../json/fields.js";
import { memberOf, startOf } from "../json/source.js";
import { toolChoiceAt } from "../prompt/constraint.js";
import { RESPONSES_FIELDS } from "../prompt/fields.js";
import { makePrompt } from "../prompt/make-prompt.js";
import { checkedPromptOptions } from "../prompt/options.js";
import { readRequest, samplingOf } from "../prompt/read-request.js";
import type { Reporter } from "../prompt/reporter.js";
import { samplingNumberOf } from "../prompt/sampling-numbers.js";
import type { Prompt, PromptOptions, Sampling } from "../types.js";
import type { ResponsesRequest } from "../wire/responses.js";
import { ItemReader } from "./input-items.js";

/** Values of `include` that change an answer. */
const INCLUDABLE = ["reasoning.encrypted_content", "message.output_text.logprobs"];
/** Tools of the API that are one of the namespaces the models were trained with. */
const BUILT_IN: Readonly<Record<string, BuiltinTool>> = {
  web_search: "browser",
  web_search_2025_08_26: "browser",
  web_search_preview: "browser",
  web_search_preview_2025_03_11: "browser",
  code_interpreter: "python",
};

/**
 * The prompt of a Responses request. `previous_response_id`, `conversation` and `item_reference` need
 * a store: if you have one, put the items into `input`.
 *
 * @throws {RequestError} for what cannot be carried over, with the field's path.
 * @throws {TypeError} for an option that does not exist, and for an object with what JSON cannot carry.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { promptFromResponses } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const { tokens } = promptFromResponses(encoding, { input: "Tokyo?" });
 * encoding.decodeUtf8(tokens).endsWith("<|start|>user<|message|>Tokyo?<|end|><|start|>assistant");
 * // => true
 * ```
 */
export function promptFromResponses(
  encoding: HarmonyEncoding,
  request: ResponsesRequest | string,
  given?: PromptOptions | null,
): Prompt {
  const options = checkedPromptOptions(encoding, given);
  const { text, body, report } = readRequest(request, RESPONSES_FIELDS, options);
  reportIncluded(body, report);
  const { namespaces, builtinTools } = toolsOf(body, text, options, report);
  const draft = new Draft(toolNamesOf(namespaces));
  addInput(body, draft, report, options);
  const textOptions = isPresent(body.text) ? fieldsAt(body.text, "text") : {};
  const place = memberOf(text, startOf(text), "text");
  const formatPlace = place && isPresent(body.text) ? memberOf(text, place, "format") : undefined;
  const reasoning = isPresent(body.reasoning) ? fieldsAt(body.reasoning, "reasoning") : {};
  const parts = {
    draft,
    namespaces,
    builtinTools,
    choice: toolChoiceAt(body.tool_choice, "tool_choice"),
    format: responseFormatAt(textOptions.format, text, formatPlace, "text.format"),
    sampling: responsesSampling(body),
    effort: { value: reasoning.effort, path: "reasoning.effort" },
    parallelToolCalls: optionalFlagAt(body.parallel_tool_calls, "parallel_tool_calls") ?? true,
    keepAnalysis: options.keepAnalysis ?? reasoning.context === "all_turns",
    request: { api: "responses" as const, body },
  };
  return makePrompt(encoding, parts, options, report);
}

function includesLogprobs({ include }: Fields): boolean {
  return Array.isArray(include) && include.includes("message.output_text.logprobs");
}

/** Answers of this package have nothing else to include. */
function reportIncluded({ include }: Fields, report: Reporter): void {
  if (!isPresent(include)) return;
  for (const [index, value] of arrayAt(include, "include").entries()) {
    if (INCLUDABLE.some((each) => each === value)) continue;
    const message = `${JSON.stringify(value)} has no effect here`;
    report.warn("ignored_parameter", message, `include[${index}]`);
  }
}

function addInput(body: Fields, draft: Draft, report: Reporter, { history }: PromptOptions): void {
  draft.addInstructions(optionalTextAt(body.instructions, "instructions"));
  if (typeof body.input === "string") draft.add({ role: "user", content: body.input });
  else if (Array.isArray(body.input)) new ItemReader(draft, report, history).readAll(body.input);
  else {
    const message = `expected a string or an array of items, got ${kindOf(body.input)}`;
    throw new RequestError("invalid_type", message, "input");
  }
}

function toolsOf(body: Fields, text: string, options: PromptOptions, report: Reporter) {
  const builtinTools = new Set<BuiltinTool>(options.builtinTools);
  const source = sourceOf(body, "tools", text);
  if (!source) return { namespaces: [], builtinTools: [] };
  const used = new Set<BuiltinTool>();
  const namespaces = namespacesAt(source.value, source, "tools", ({ type }, path) => {
    const builtin = entryOf(BUILT_IN, type);
    if (builtin && builtinTools.has(builtin)) used.add(builtin);
    else {
      const hint = builtin ? ": nothing here executes it (builtinTools)" : "";
      const message = `the tool ${JSON.stringify(type)} is not supported${hint}`;
      report.unsupported("unsupported_value", message, `${path}.type`);
    }
  });
  return { namespaces, builtinTools: [...used] };
}

function responsesSampling(body: Fields): Sampling {
  return samplingOf({
    maxTokens: samplingNumberOf(body, "max_output_tokens"),
    temperature: samplingNumberOf(body, "temperature"),
    topP: samplingNumberOf(body, "top_p"),
    logprobs: samplingNumberOf(body, "top_logprobs") ?? (includesLogprobs(body) ? 0 : undefined),
  });
}
