/**
 * Fields of a row that would be lost: those of another role, a chain of thought under a name that
 * is not read, pictures and sound, and schemas of tools that render as `any`. Nobody reads warnings
 * of a row, so they are refused. A data set's own columns are ignored.
 */

import type { Namespace } from "../conversation/tools.js";
import { isSchemaType } from "../conversation/type-names.js";
import { RequestError } from "../errors.js";
import { entryOf, type Fields, isFields, isPresent, pathOf } from "../json/fields.js";
import { elementsIn, objectOf, stringOf, type Tree, treeOf } from "../json/tree.js";

/** The roles that have a field; it is lost on a message of another role. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  tool_calls: ["assistant"],
  function_call: ["assistant"],
  reasoning: ["assistant"],
  reasoning_content: ["assistant"],
  thinking: ["assistant"],
  reasoning_details: ["assistant"],
  thinking_blocks: ["assistant"],
  refusal: ["assistant"],
  tool_call_id: ["tool", "function"],
};
/** Other names for a chain of thought. */
const THOUGHTS = ["thought", "thoughts", "chain_of_thought", "cot", "analysis", "thinking_content"];
/** Fields of a row that some formats have in a message. */
const OF_ROW = ["tools", "functions", "builtin_tools", "response_format"];

/** Pictures, sound and film, of a row or of a message. */
const MEDIA = ["image", "images", "video", "videos", "audio", "audios"];
/** Columns of a row that hold a chain of thought where a message does. */
const REASONING = ["thinking", "reasoning_content", "reasoning"];
/** Arguments of a chat template that are read, or say nothing that gpt-oss's prompt holds. */
const TEMPLATE = ["model_identity", "reasoning_effort", "builtin_tools"];

/** Columns named after tools that hold something else, or that are read. */
const NOT_TOOLS = ["tools", "functions", "builtin_tools", "tool_choice", "function_call"];
/** Objects in which some clients keep fields of a message. */
const WRAPPERS = ["additional_kwargs", "provider_specific_fields"];

/** Columns that are looked at, beside those whose names speak of tools. */
export const READ_COLUMNS: readonly string[] = [...MEDIA, ...REASONING, "instructions"];

/** Refuses columns beside the messages that hold what messages or `tools` of other rows do. */
export function refuseUnreadColumns(row: Fields, messages: readonly unknown[]): void {
  for (const [name, value] of Object.entries(row)) {
    if (REASONING.includes(name) && isThought(value) && !messages.some(hasReasoning)) {
      throw unread("expected the reasoning in the assistant's message", "", name);
    }
    if (/tool|function/i.test(name) && !NOT_TOOLS.includes(name) && areTools(value)) {
      if (isFilled(row.tools) || isFilled(row.functions)) continue;
      throw unread("expected the tools under tools", "", name);
    }
    if (MEDIA.includes(name) && isFilled(value)) throw withoutTokens("", name);
    if (name === "instructions" && typeof value === "string" && isFilled(value)) {
      const advice = "rename the column to system if it is one, or leave it out";
      throw unread(`expected the system prompt under system: ${advice}`, "", name);
    }
  }
}

/** Whether a column may be a chain of thought: one word, such as `reasoning: "on"`, is a switch. */
function isThought(column: unknown): boolean {
  return typeof column === "string" && /\s/.test(column.trim());
}

function hasReasoning(message: unknown): boolean {
  return isFields(message) && REASONING.some((field) => isFilled(message[field]));
}

function areTools(column: unknown): boolean {
  const list = typeof column === "string" ? parsedOf(column) : column;
  return Array.isArray(list) && list.length > 0 && list.every((tool) => isFields(tool));
}

/** Refuses texts, lists and objects among the arguments of a chat template, which would be prompt. */
export function refuseUnreadArguments(template: Fields, path: string): void {
  for (const [name, value] of Object.entries(template)) {
    if (TEMPLATE.includes(name) || !isFilled(value)) continue;
    if (typeof value !== "string" && typeof value !== "object") continue;
    const message = `expected ${TEMPLATE.join(", ")}, got ${name}, which gpt-oss's template does not have`;
    throw new RequestError("invalid_conversation", message, `${path}.${name}`);
  }
}

/** Refuses fields of a message that would be lost. */
export function refuseUnreadFields(message: Fields, path: string): void {
  const role = typeof message.role === "string" ? message.role : "";
  for (const [name, value] of Object.entries(message)) {
    if (!isFilled(value)) continue;
    const owners = entryOf(OWNERS, name);
    if (owners && !owners.includes(role)) {
      throw unread(`a ${name} belongs to a message of role ${owners.join(" or ")}`, path, name);
    }
    if (THOUGHTS.includes(name) && role === "assistant") {
      throw unread(
        "expected the reasoning under thinking, reasoning_content or reasoning",
        path,
        name,
      );
    }
    if (OF_ROW.includes(name))
      throw unread(`${name} belong to the row, not to a message`, path, name);
    if (MEDIA.includes(name)) throw withoutTokens(path, name);
    if (WRAPPERS.includes(name) && isFields(value))
      refuseWrapped(message, value, `${path}.${name}`);
  }
}

/** Refuses fields that only the wrapper has, as LangChain and LiteLLM write them. */
function refuseWrapped(message: Fields, wrapped: Fields, path: string): void {
  const name = Object.keys(OWNERS).find(
    (each) => isFilled(wrapped[each]) && !isFilled(message[each]),
  );
  if (name !== undefined) throw unread("expected it in the message itself", path, name);
}

function withoutTokens(path: string, name: string): RequestError {
  const message = `expected text, got ${name}, which has no tokens in the harmony format`;
  return new RequestError("unsupported_content", message, pathOf(path, name));
}

function unread(message: string, path: string, name: string): RequestError {
  const at = pathOf(path, name);
  return new RequestError("invalid_conversation", `${message}, got ${name}`, at);
}

/** Whether a field holds something: Arrow and pandas fill absent ones. */
function isFilled(value: unknown): boolean {
  if (!isPresent(value) || value === "" || value === false) return false;
  return typeof value !== "object" || Object.keys(value ?? {}).length > 0;
}

/** Keywords of JSON Schema: an object that has none is not a schema. */
const KEYWORDS = new Set(
  (
    "type properties required items enum const anyOf oneOf allOf not $ref $defs definitions $schema $id " +
    "additionalProperties patternProperties propertyNames title description default nullable prefixItems"
  ).split(" "),
);
/** Fields of a tool besides its schema whose objects do not describe its arguments. */
const NOT_ARGUMENTS = [
  "response",
  "returns",
  "output",
  "outputSchema",
  "output_schema",
  "annotations",
  "metadata",
  "_meta",
  "cache_control",
  "examples",
];

/** Refuses tools whose arguments would be lost. */
export function refuseUnreadSchemas(namespaces: readonly Namespace[]): void {
  for (const { parameters, schemaPath, given } of namespaces.flatMap(({ tools }) => tools)) {
    if (parameters !== undefined) refuseOtherSchema(treeOf(parameters), schemaPath);
    else refuseMisplacedSchema(given, schemaPath);
  }
}

function refuseOtherSchema(schema: Tree, path: string): void {
  const keys = [...(objectOf(schema)?.keys() ?? [])];
  if (keys.length > 0 && !keys.some((key) => KEYWORDS.has(key))) {
    const message = `expected a JSON Schema with type and properties, got an object with ${keys.slice(0, 5).join(", ")}`;
    throw new RequestError("unsupported_value", message, path);
  }
  refuseOtherTypes(schema, path);
}

/** Refuses names of types that JSON Schema does not have: they would render as any. */
function refuseOtherTypes(schema: Tree, path: string): void {
  const members = objectOf(schema);
  if (!members) return;
  const type = members.get("type");
  for (const each of elementsIn(type) ?? (type ? [type] : [])) {
    const name = stringOf(each);
    if (name !== undefined && (isSchemaType(name) || name === "any")) continue;
    const got = name === undefined ? "none" : JSON.stringify(name);
    const advice =
      'write it as JSON Schema does, such as {"type": "array", "items": {"type": "string"}}';
    const message = `expected a type of JSON Schema, got ${got}: ${advice}`;
    throw new RequestError("unsupported_value", message, `${path}.type`);
  }
  for (const [name, each] of objectOf(members.get("properties")) ?? []) {
    refuseOtherTypes(each, `${path}.properties.${name}`);
  }
  const items = members.get("items");
  if (items) refuseOtherTypes(items, `${path}.items`);
}

/** A tool without a schema whose arguments are under a name that is not read. */
function refuseMisplacedSchema(tool: Fields, path: string): void {
  for (const [name, value] of Object.entries(tool)) {
    const schema = typeof value === "string" ? parsedOf(value) : value;
    if (NOT_ARGUMENTS.includes(name) || name === "description" || !isFields(schema)) continue;
    if (Object.keys(schema).length === 0) continue;
    const message = `expected the tool's schema under parameters, inputSchema or input_schema, got ${name}`;
    throw new RequestError("unsupported_value", message, `${path}.${name}`);
  }
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
