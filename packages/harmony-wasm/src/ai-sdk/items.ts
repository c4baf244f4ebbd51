/**
 * The SDK's prompt as the Responses API's items, which have everything that it
 * has: several texts and thoughts, in order, each with its channel.
 */

import { RequestError } from "../openai/index.js";
import { arrayAt, fieldsAt } from "../openai/json/fields.js";
import { argumentsOf, channelOf, type SampledTurns } from "./sampled-turns.js";
import type { PromptMessage, PromptPart, ToolOutput } from "./specification.js";

/** Channels as the API's phases; a text of another provider has none. */
const PHASES = new Map([
  ["commentary", "commentary"],
  ["final", "final_answer"],
]);

/** The items of a prompt. The ids of earlier turns are noted in `turns`. */
export function itemsOf(prompt: readonly PromptMessage[], turns: SampledTurns): object[] {
  return prompt.flatMap(({ role, content }, index) => {
    const path = `prompt[${index}].content`;
    if (typeof content === "string") return [{ type: "message", role, content }];
    if (role === "assistant") return content.flatMap(partReader(path, turns));
    if (role === "tool") return content.flatMap((part, at) => resultOf(part, `${path}[${at}]`));
    const texts = content.map((part, at) => textOf(part, `${path}[${at}]`));
    return [{ type: "message", role, content: texts.join("") }];
  });
}

function partReader(path: string, turns: SampledTurns) {
  return (part: PromptPart, index: number): object[] => {
    const id = `${path}[${index}]`;
    turns.add(id, part);
    if (part.type === "tool-call") return [callOf(part, id)];
    // Of a tool that the provider ran.
    if (part.type === "tool-result") return resultOf(part, id);
    const text = textOf(part, id);
    const channel = channelOf(part);
    if (text === "" && channel === undefined) return [];
    if (part.type === "reasoning" && channel !== "commentary") {
      return [{ type: "reasoning", id, summary: [], content: [{ type: "reasoning_text", text }] }];
    }
    const phase = typeof channel === "string" ? PHASES.get(channel) : undefined;
    return [{ type: "message", role: "assistant", id, content: text, ...(phase && { phase }) }];
  };
}

function callOf(part: PromptPart, id: string): object {
  const { toolCallId: call_id, toolName: name } = part;
  return { type: "function_call", id, call_id, name, arguments: argumentsOf(part) };
}

/** Approvals are between the SDK and its user: their effect is the result. */
function resultOf({ type, toolCallId: call_id, output }: PromptPart, path: string): object[] {
  if (type !== "tool-result" || output === undefined) return [];
  return [{ type: "function_call_output", call_id, output: outputOf(output, `${path}.output`) }];
}

function outputOf({ type, value, reason }: ToolOutput, path: string): unknown {
  if (type === "execution-denied") return reason ?? "Tool execution denied.";
  if (type === "content") {
    for (const [at, part] of arrayAt(value, `${path}.value`).entries()) {
      const where = `${path}.value[${at}]`;
      textOf(fieldsAt(part, where), where);
    }
    return value;
  }
  return typeof value === "string" && !type.endsWith("json") ? value : JSON.stringify(value);
}

/** What a part of any kind may have; one of a content is not checked by its type. */
interface TextFields {
  type?: unknown;
  text?: unknown;
}

function textOf({ type, text }: TextFields, path: string): string {
  if ((type === "text" || type === "reasoning") && typeof text === "string") return text;
  const message = `expected a part of text, got one of type ${JSON.stringify(type)}, which has no tokens in the harmony format`;
  throw new RequestError("unsupported_content", message, `${path}.type`);
}
