/**
 * Refuses messages and tools in the shapes of other APIs. Upstream's reader skips
 * fields that it does not know, so a call under `tool_calls` or a schema under
 * `inputSchema` would be missing from the ids silently. The error names the
 * function that reads the shape. Upstream's reader checks harmony's own fields.
 */

import { HarmonyError } from "../errors.js";

/** Fields of messages in Chat Completions and its dialects. */
export const CHAT_MESSAGE_FIELDS = [
  "thinking",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "thinking_blocks",
  "tool_calls",
  "function_call",
  "tool_call_id",
  "refusal",
] as const;

/** Where other formats keep a tool's schema. */
export const SCHEMA_FIELDS = ["inputSchema", "input_schema"] as const;
/** `function` contains the name, so upstream's reader refuses such a tool itself. */
const TOOL_FIELDS = ["function", ...SCHEMA_FIELDS] as const;
/** Fields of a request beside its messages. */
export const CHAT_REQUEST_FIELDS = [
  "tools",
  "functions",
  "reasoning_effort",
  "chat_template_kwargs",
] as const;

const READERS =
  "promptFromChat of harmony-wasm/openai renders such a request, conversationFromChatCompletions converts such a conversation";
const TOOL_READER =
  "promptFromChat of harmony-wasm/openai reads OpenAI's, MCP's and Anthropic's tools";
/**
 * Whether JSON text may have one of the fields: only such text is parsed for them. Harmony's own
 * `tools` and `functions` are objects, and its lists of tools begin with a name.
 */
const MAYBE_FOREIGN = new RegExp(
  `"(?:${[...CHAT_MESSAGE_FIELDS, ...SCHEMA_FIELDS, "chat_template_kwargs"].join("|")})"\\s*:` +
    '|"tools"\\s*:\\s*\\[\\s*\\{\\s*"(?:type|function)"|"functions"\\s*:\\s*\\[',
);

/**
 * Refuses a conversation, as an object or as JSON text, with a field of another
 * API. In text, fields beside the messages are found by {@link MAYBE_FOREIGN} alone.
 *
 * @throws {HarmonyError} `invalid_conversation` with the field's path.
 */
export function refuseForeignConversation(conversation: object | string): void {
  const given = parsed(conversation);
  const isList = Array.isArray(given);
  const messages: unknown = isList ? given : Object(given).messages;
  if (!Array.isArray(messages)) {
    refuseLoneMessage(given);
    return;
  }
  messages.forEach((message: unknown, index) => {
    refuseForeignFields(message, `messages[${index}]`);
  });
  if (isList) return;
  const field = fieldOf(given, CHAT_REQUEST_FIELDS);
  if (field !== undefined) throw foreign(field, field, `harmony's conversation; ${READERS}`);
}

/** One message in the place of a conversation: upstream's reader says only what it misses. */
function refuseLoneMessage(given: unknown): void {
  if (typeof given !== "object" || given === null || "messages" in given || !("role" in given))
    return;
  const missing = "invalid conversation JSON: missing field `messages`";
  const advice = "This is one message: pass it in an array, or to render().";
  throw new HarmonyError("invalid_conversation", `${missing}\n${advice}`, { path: "messages" });
}

/** Refuses a message with a field of another API. */
export function refuseForeignMessage(message: object | string): void {
  refuseForeignFields(parsed(message), "");
}

/**
 * Refuses a tool in the shape of another API.
 *
 * @throws {TypeError} That names the tool by its place.
 */
export function refuseForeignTool(place: string, tool: unknown): void {
  refuseNullSchema(`${place}.parameters`, Object(tool).parameters);
  const field = fieldOf(tool, TOOL_FIELDS);
  if (field === undefined) return;
  throw new TypeError(
    `"${place}" has "${field}", which harmony does not read: a tool is { name, description, parameters }. ${TOOL_READER}.`,
  );
}

/**
 * Upstream renders a property whose schema is null as one of any type. Tables in
 * Arrow fill properties with nulls that the tool does not have.
 */
function refuseNullSchema(place: string, schema: unknown, seen = new Set<unknown>()): void {
  if (seen.has(schema)) return; // A cycle, which rendering refuses.
  seen.add(schema);
  for (const [name, property] of Object.entries(Object(Object(schema).properties))) {
    const at = `${place}.properties.${name}`;
    if (property === null) {
      throw new TypeError(
        `"${at}" expected a schema, got null: remove the property. ` +
          "promptFromChat of harmony-wasm/openai removes nulls that Arrow filled in.",
      );
    }
    refuseNullSchema(at, property, seen);
  }
}

/**
 * Refuses a prompt whose first message is a system message of plain text, which
 * replaces the model's identity, channels and effort. Text in a list of parts is
 * accepted.
 */
export function refusePlainSystem(conversation: object | string): void {
  if (typeof conversation === "string") return;
  const messages: unknown = Array.isArray(conversation)
    ? conversation
    : Object(conversation).messages;
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  const { role, content } = Object(first);
  if (role !== "system" || typeof content !== "string") return;
  const path = "messages[0].content";
  throw new HarmonyError(
    "invalid_conversation",
    `${path} is plain text in a system message, which replaces the model's identity and channels: pass systemMessage() and then developerMessage(text), or use promptFromChat of harmony-wasm/openai; [{ type: "text", text }] is rendered as it is`,
    { path },
  );
}

function parsed(given: object | string): unknown {
  if (typeof given !== "string") return given;
  if (!MAYBE_FOREIGN.test(given)) return undefined;
  try {
    return JSON.parse(given);
  } catch {
    return undefined; // Upstream's reader explains what is wrong.
  }
}

function refuseForeignFields(message: unknown, path: string): void {
  const field = fieldOf(message, CHAT_MESSAGE_FIELDS);
  if (field !== undefined) {
    throw foreign(
      path === "" ? field : `${path}.${field}`,
      field,
      `harmony's messages; ${READERS}`,
    );
  }
  const content: unknown = Object(message).content;
  if (!Array.isArray(content)) return;
  content.forEach((part: unknown, index) => {
    refuseForeignTools(part, `${path === "" ? "" : `${path}.`}content[${index}].tools`);
  });
}

function refuseForeignTools(part: unknown, path: string): void {
  for (const [name, namespace] of Object.entries(Object(Object(part).tools))) {
    const tools: unknown = Object(namespace).tools;
    if (!Array.isArray(tools)) continue;
    tools.forEach((tool: unknown, index) => {
      const field = fieldOf(tool, SCHEMA_FIELDS);
      if (field === undefined) return;
      const place = `${path}.${name}.tools[${index}].${field}`;
      throw foreign(
        place,
        field,
        `harmony's tools, which are { name, description, parameters }; ${TOOL_READER}`,
      );
    });
  }
}

function foreign(path: string, field: string, rest: string): HarmonyError {
  const message = `${path} would be lost: "${field}" is not a field of ${rest}`;
  return new HarmonyError("invalid_conversation", message, { path });
}

/** The first of these fields with a value. */
function fieldOf<Name extends string>(value: unknown, names: readonly Name[]): Name | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const keys = Object.keys(value);
  return names.find((name) => keys.includes(name) && isPresent(Reflect.get(value, name)));
}

function isPresent(field: unknown): boolean {
  if (field === undefined || field === null || field === "") return false;
  return !(Array.isArray(field) && field.length === 0);
}
