/** Makes the prompt of a draft. The same for both protocols. */

import type { HarmonyEncoding, ReasoningEffort } from "../../index.js";
import { assembled, type BuiltinTool, conversationOf } from "../conversation/assemble.js";
import type { Draft } from "../conversation/draft.js";
import { withoutOldThoughts } from "../conversation/drop-analysis.js";
import { effortAt } from "../conversation/effort.js";
import {
  type Collapsed,
  reportCollapsed,
  withSimpleSchemas,
} from "../conversation/rendered-schemas.js";
import type { ResponseFormat } from "../conversation/response-format.js";
import { type Namespace, toolsText } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import type { Prompt, PromptOptions, PromptRequest, Sampling, Tool } from "../types.js";
import { constraintOf, type ToolChoice } from "./constraint.js";
import { promptTokens } from "./history.js";
import type { Reporter } from "./reporter.js";

/** The parts that a protocol reads from its request. */
export interface PromptParts {
  draft: Draft;
  namespaces: readonly Namespace[];
  builtinTools: readonly BuiltinTool[];
  choice: ToolChoice;
  format: ResponseFormat | undefined;
  sampling: Sampling;
  effort: { value: unknown; path: string };
  modelIdentity?: string | undefined;
  parallelToolCalls: boolean;
  keepAnalysis: boolean;
  request: PromptRequest;
}

/** The prompt. */
export function makePrompt(
  encoding: HarmonyEncoding,
  parts: PromptParts,
  options: PromptOptions,
  report: Reporter,
): Prompt {
  const { draft, format, choice } = parts;
  const offersNone = choice.mode === "none" && !options.keepToolsOnNone;
  const namespaces = offersNone ? [] : allowed(parts.namespaces, choice);
  const tools = toolsOf(namespaces, offersNone ? [] : parts.builtinTools);
  if (draft.messages.length === 0) {
    const path = parts.request.api === "chat" ? "messages" : "input";
    throw new RequestError(
      "empty_conversation",
      "the conversation has no messages to render",
      path,
    );
  }
  const { kept, answered } = parts.keepAnalysis
    ? { kept: draft.messages, answered: new Set<number | undefined>() }
    : withoutOldThoughts(draft.messages);
  const texts = assembled(kept, {
    tools: toolsText(renderedNamespaces(namespaces, options, report)),
    section: format?.section,
    system: {
      modelIdentity: parts.modelIdentity ?? options.modelIdentity,
      reasoningEffort: effortOf(parts, options, report),
      conversationStartDate: options.conversationStartDate,
      knowledgeCutoff: options.knowledgeCutoff,
      builtinTools: offersNone ? [] : parts.builtinTools,
    },
  });
  const constraint = constraintOf(choice, format?.answer, tools);
  if (choice.mode === "auto" && !constraint?.calls) reportFreeFormats(namespaces, report);
  return {
    tokens: promptTokens(encoding, texts, answered, options.history),
    conversation: JSON.parse(conversationOf(texts)),
    stopTokens: encoding.stopTokensForAssistantActions(),
    sampling: parts.sampling,
    ...(constraint && { constraint }),
    tools,
    warnings: report.warnings,
    parallelToolCalls: parts.parallelToolCalls,
    request: parts.request,
  };
}

function renderedNamespaces(
  namespaces: readonly Namespace[],
  { simplifySchemas }: PromptOptions,
  report: Reporter,
): readonly Namespace[] {
  const collapsed: Collapsed = (message, path) => report.warn("collapsed_schema", message, path);
  if (simplifySchemas) return withSimpleSchemas(namespaces, collapsed);
  reportCollapsed(namespaces, collapsed);
  return namespaces;
}

/** No constraint has the grammars of these tools. */
function reportFreeFormats(namespaces: readonly Namespace[], report: Reporter): void {
  for (const { name, format, path } of namespaces.flatMap(({ tools }) => tools)) {
    if (format === undefined) continue;
    const message = `the input of ${name} is not held to its ${format.syntax} grammar`;
    report.warn("unconstrained", message, `${path}.format`);
  }
}

function effortOf({ effort }: PromptParts, options: PromptOptions, report: Reporter) {
  const clamped = (message: string) => report.warn("clamped_value", message, effort.path);
  const ofOptions = effortAt(options.reasoningEffort?.toLowerCase(), "reasoningEffort");
  try {
    return effortAt(effort.value, effort.path, clamped) ?? ofOptions;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    report.unsupported("unsupported_value", error.reason, effort.path);
    return undefined satisfies ReasoningEffort | undefined;
  }
}

/** The tools of the request, or those that `allowed_tools` leaves. */
function allowed(namespaces: readonly Namespace[], choice: ToolChoice): readonly Namespace[] {
  if (!choice.allowed) return namespaces;
  const { allowed } = choice;
  return namespaces
    .map((space) => ({ ...space, tools: space.tools.filter(({ name }) => allowed.includes(name)) }))
    .filter(({ tools }) => tools.length > 0);
}

function toolsOf(namespaces: readonly Namespace[], builtin: readonly BuiltinTool[]) {
  const tools = new Map<string, Tool>();
  for (const { tools: each } of namespaces) {
    for (const offered of each) {
      const { description: _d, path: _p, schemaPath: _s, given: _g, ...tool } = offered;
      tools.set(tool.recipient, tool);
    }
  }
  for (const name of builtin) tools.set(name, { recipient: name, name, type: name, strict: false });
  return tools;
}
