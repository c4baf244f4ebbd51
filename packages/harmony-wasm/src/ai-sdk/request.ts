/** The options of a call as a prompt for the backend, with a warning for each that has no effect. */

import type { HarmonyEncoding } from "../index.js";
import { messageConstraint } from "../openai/constraints/message-constraint.js";
import {
  type Backend,
  type GenerateRequest,
  type MessageConstraint,
  type Prompt,
  type PromptOptions,
  promptFromResponses,
  type ResponsesRequest,
  type Sampling,
  type Warning,
} from "../openai/index.js";
import { itemsOf } from "./items.js";
import { ownOptionsOf, unknownOptionWarnings } from "./own-options.js";
import { SampledTurns } from "./sampled-turns.js";
import type { CallOptions, CallWarning, ResponseFormat, ToolOffer } from "./specification.js";

const UNCONSTRAINED: CallWarning = {
  type: "other",
  message: "the backend does not constrain completions: the answer may not be what was asked for",
};

/** A call as a prompt. */
export interface CallRequest {
  prompt: Prompt;
  /** What the last message must be. */
  constraint: MessageConstraint | undefined;
  warnings: CallWarning[];
}

/** Reads the options of a call. */
export function requestOf(
  encoding: HarmonyEncoding,
  backend: Backend,
  modelId: string,
  options: CallOptions,
  promptOptions: PromptOptions,
): CallRequest {
  const history = new SampledTurns();
  const body = bodyOf(modelId, options, itemsOf(options.prompt, history));
  const prompt = promptFromResponses(encoding, body, {
    unsupported: "warn",
    ...promptOptions,
    history,
  });
  const sampling = { ...prompt.sampling, ...samplingOf(options) };
  const constraint = prompt.constraint && messageConstraint(encoding, prompt.constraint);
  const isFree = constraint !== undefined && !backend.constrains?.(constraint);
  return {
    prompt: { ...prompt, sampling },
    constraint,
    warnings: [
      ...optionWarnings(options),
      ...unknownOptionWarnings(options),
      ...prompt.warnings.map(warningOf),
      ...(isFree ? [UNCONSTRAINED] : []),
    ],
  };
}

/** What the backend samples for a call. */
export function generateRequest(
  { prompt, constraint }: CallRequest,
  signal: AbortSignal,
): GenerateRequest {
  const { n: _n, stop: _stop, ...sampling } = prompt.sampling;
  const { tokens: promptTokens, stopTokens } = prompt;
  return { ...sampling, promptTokens, stopTokens, constraint, signal };
}

function bodyOf(model: string, options: CallOptions, input: object[]): ResponsesRequest {
  const { toolChoice, responseFormat, maxOutputTokens, temperature, topP } = options;
  const { reasoningEffort, parallelToolCalls } = ownOptionsOf(options);
  const effort = reasoningEffort?.toLowerCase() ?? effortOf(options);
  return {
    model,
    input,
    tools: toolsOf(options),
    ...(toolChoice && { tool_choice: choiceOf(toolChoice) }),
    ...(responseFormat?.type === "json" && { text: { format: formatOf(responseFormat) } }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
  };
}

/** The option that `ai` 7 has for every provider. */
function effortOf({ reasoning }: CallOptions): string | undefined {
  if (reasoning === "provider-default") return undefined;
  // The models always reason. The least of it is nearest to none.
  return reasoning === "none" ? "low" : reasoning;
}

/** The functions that a call offers, as a Responses request has them. */
export function toolsOf({ tools = [] }: CallOptions): object[] {
  return tools.filter(({ type }) => type === "function").map(toolOf);
}

function toolOf({ name, description, inputSchema, strict }: ToolOffer): object {
  return {
    type: "function",
    name,
    parameters: inputSchema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

function choiceOf({ type, toolName }: { type: string; toolName?: string }): unknown {
  return type === "tool" ? { type: "function", name: toolName } : type;
}

function formatOf({ schema, name, description }: ResponseFormat): object {
  if (schema === undefined) return { type: "json_object" };
  return {
    type: "json_schema",
    name: name ?? "response",
    schema,
    strict: true,
    ...(description !== undefined && { description }),
  };
}

/** What a Responses request has no field for. */
function samplingOf(options: CallOptions): Sampling {
  const { seed, presencePenalty, frequencyPenalty, stopSequences: stop } = options;
  return {
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
  };
}

function optionWarnings({ topK, tools = [], reasoning }: CallOptions): CallWarning[] {
  const warnings: CallWarning[] = [];
  if (topK !== undefined) warnings.push({ type: "unsupported", feature: "topK" });
  if (reasoning === "none") {
    const details = "the models always reason: the effort is low";
    warnings.push({ type: "compatibility", feature: "reasoning", details });
  }
  for (const { type, id, name, inputExamples } of tools) {
    if (type !== "function") {
      warnings.push({ type: "unsupported", feature: `the tool ${id ?? name} of another provider` });
    } else if (inputExamples !== undefined && inputExamples.length > 0) {
      warnings.push({ type: "unsupported", feature: `inputExamples of the tool ${name}` });
    }
  }
  return warnings;
}

function warningOf({ code, message, param }: Warning): CallWarning {
  if (param === undefined || code === "omitted_item") return { type: "other", message };
  const type = code === "clamped_value" ? "compatibility" : "unsupported";
  return { type, feature: param, details: message };
}
