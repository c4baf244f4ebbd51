/** The constraint that `tool_choice`, strict tools and the response format put on the last message. */

import { RequestError } from "../errors.js";
import { arrayAt, fieldsAt, isFields, isPresent, kindOf, textAt } from "../json/fields.js";
import type { AnswerFormat, CallFormat, Constraint, Tool } from "../types.js";

/** `tool_choice` of either protocol. */
export interface ToolChoice {
  mode: "auto" | "none" | "required";
  /** The names that are left to choose from. */
  allowed?: readonly string[];
  /** The one tool that must be called. */
  named?: string;
}

/** Reads `tool_choice`, and the older `function_call`. */
export function toolChoiceAt(value: unknown, path: string): ToolChoice {
  if (!isPresent(value)) return { mode: "auto" };
  if (value === "auto" || value === "none" || value === "required") return { mode: value };
  if (!isFields(value)) throw unknownChoice(value, path);
  const fields = value;
  if (fields.type === "allowed_tools") {
    const inner = isFields(fields.allowed_tools) ? fields.allowed_tools : fields;
    const allowed = arrayAt(inner.tools, `${path}.tools`).map((tool, index) =>
      nameAt(tool, `${path}.tools[${index}]`),
    );
    return { mode: inner.mode === "required" ? "required" : "auto", allowed };
  }
  return { mode: "required", named: nameAt(fields, path) };
}

function unknownChoice(value: unknown, path: string): RequestError {
  const expected = 'expected "auto", "none", "required" or an object';
  if (typeof value !== "string") {
    return new RequestError("invalid_type", `${expected}, got ${kindOf(value)}`, path);
  }
  return new RequestError("unsupported_value", `${expected}, got ${JSON.stringify(value)}`, path);
}

function nameAt(value: unknown, path: string): string {
  const tool = fieldsAt(value, path);
  const { type } = tool;
  if (type !== undefined && type !== "function" && type !== "custom") {
    const message = `expected a function or a custom tool, got type ${JSON.stringify(type)}`;
    throw new RequestError("unsupported_value", message, `${path}.type`);
  }
  const inner = [tool.function, tool.custom].find(isFields) ?? tool;
  return textAt(inner.name, `${path}.name`);
}

/** The constraint, or undefined where any completion will do. */
export function constraintOf(
  choice: ToolChoice,
  answer: AnswerFormat | undefined,
  tools: ReadonlyMap<string, Tool>,
): Constraint | undefined {
  const mustCall = choice.mode === "required";
  const offered = choice.mode === "none" ? [] : callsOf(tools);
  const calls = mustCall || offered.some(({ isStrict }) => isStrict) ? offered : [];
  const chosen = calls.filter(({ name }) => choice.named === undefined || name === choice.named);
  if (mustCall && chosen.length === 0) {
    const names = offered.map(({ name }) => JSON.stringify(name)).join(", ") || "none";
    const wanted =
      choice.named === undefined ? "a tool" : `the tool ${JSON.stringify(choice.named)}`;
    const message = `expected ${wanted} among the tools of the request, got ${names}`;
    throw new RequestError("unsupported_value", message, "tool_choice");
  }
  if (!mustCall && !answer && chosen.length === 0) return undefined;
  return {
    mustCall,
    ...(answer && !mustCall && { answer }),
    ...(chosen.length > 0 && { calls: chosen.map(({ format }) => format) }),
  };
}

function callsOf(tools: ReadonlyMap<string, Tool>) {
  return Array.from(tools.values()).flatMap((tool) => {
    const { recipient, name, type, parameters, strict, format } = tool;
    if (type !== "function" && type !== "custom") return [];
    const schema = type === "function" ? parameters : undefined;
    const call: CallFormat = {
      recipient,
      type,
      ...(schema !== undefined && { schema }),
      ...(format && { format }),
    };
    // No server of the backends here holds a call to a lark grammar: what else would be gained costs freedom.
    return [{ name, isStrict: strict || format?.syntax === "regex", format: call }];
  });
}
