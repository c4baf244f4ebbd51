/**
 * Functions that create messages and tools. Defaults and built-in tools are
 * upstream's, copied by the build.
 */

import { described } from "./check/arguments.js";
import { refuseForeignTool } from "./check/foreign-shapes.js";
import { FUNCTION_TOOLS, SYSTEM_CONTENT, TOOL_NAMESPACES } from "./generated/constants.js";
import {
  type DeveloperContent,
  type Message,
  ReasoningEffort,
  type SystemContent,
  type ToolDescription,
  type ToolNamespaceConfig,
} from "./types.js";

// Upstream skips other fields, so a misspelt one would be missing without an error.
const SYSTEM_FIELDS = [
  "model_identity",
  "reasoning_effort",
  "tools",
  "conversation_start_date",
  "knowledge_cutoff",
  "channel_config",
] as const satisfies readonly (keyof SystemContent)[];
const DEVELOPER_FIELDS = ["instructions", "tools"] as const;
const TOOL_FIELDS = [
  "name",
  "description",
  "parameters",
] as const satisfies readonly (keyof ToolDescription)[];
const HEADER_FIELDS = ["name", "recipient", "channel", "content_type"] as const;

/** The header of a message without its role. A whole message is accepted; its role and content are ignored. */
export type MessageHeader = Pick<Message, (typeof HEADER_FIELDS)[number]>;

/**
 * Creates a system message. Absent fields have upstream's defaults; null omits a
 * field. Mirrors `SystemContent.new()` and its `with_…` methods.
 *
 * @throws {TypeError} for an unknown field, such as `reasoningEffort`; for an unknown effort; for
 * text, which is a developer message.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, ReasoningEffort, systemMessage } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const message = systemMessage({ reasoning_effort: ReasoningEffort.HIGH, knowledge_cutoff: null });
 * encoding.decodeUtf8(encoding.render(message)).includes("Reasoning: high"); // => true
 * ```
 */
export function systemMessage(content: SystemContent = {}): Message {
  if (typeof content === "string") {
    const got = `expected an object, got ${described(content)}`;
    throw new TypeError(`"content" ${got}: pass a system prompt to developerMessage(text)`);
  }
  const given = Object.entries(checkedFields("content", content, SYSTEM_FIELDS, ["type"]));
  checkEffort("content.reasoning_effort", content.reasoning_effort);
  checkTools("content.tools", content.tools);
  const present = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return { role: "system", content: [{ type: "system_content", ...SYSTEM_CONTENT, ...present }] };
}

/**
 * Creates a developer message, which other APIs call the system prompt:
 * instructions, or instructions and tools. Mirrors `DeveloperContent`.
 *
 * @throws {TypeError} for an unknown field; for `tools` that are a list.
 *
 * @example
 * ```ts
 * import { developerMessage, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const tokens = encoding.render(developerMessage("Talk like a pirate!"));
 * encoding.decodeUtf8(tokens);
 * // => "<|start|>developer<|message|># Instructions\n\nTalk like a pirate!<|end|>"
 * ```
 */
export function developerMessage(content: DeveloperContent | string): Message {
  if (typeof content === "string") return developerMessage({ instructions: content });
  const fields = checkedFields("content", content, DEVELOPER_FIELDS, ["type"]);
  checkTools("content.tools", content.tools);
  return { role: "developer", content: [{ type: "developer_content", ...fields }] };
}

/**
 * Creates a user message. Mirrors `Message.from_role_and_content(Role.USER, …)`.
 *
 * @throws {TypeError} for an unknown field in the header.
 *
 * @example
 * ```ts
 * import { userMessage } from "harmony-wasm";
 *
 * userMessage("hi"); // => { role: "user", content: "hi" }
 * ```
 */
export function userMessage(content: Message["content"], header: MessageHeader = {}): Message {
  return { ...checkedHeader(header), role: "user", content };
}

/**
 * Creates an assistant message: an answer, reasoning, or a tool call. Mirrors
 * `Message.from_role_and_content(Role.ASSISTANT, …)`.
 *
 * @throws {TypeError} for an unknown field in the header.
 *
 * @example
 * ```ts
 * import { assistantMessage, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const call = assistantMessage('{"city":"Tokyo"}', {
 *   channel: "commentary",
 *   recipient: "functions.get_weather",
 *   content_type: "<|constrain|>json",
 * });
 * encoding.decodeUtf8(encoding.render(call)).endsWith('json<|message|>{"city":"Tokyo"}<|call|>');
 * // => true
 * ```
 */
export function assistantMessage(content: Message["content"], header: MessageHeader = {}): Message {
  return { ...checkedHeader(header), role: "assistant", content };
}

/**
 * Creates a message from a tool, by the tool's full name. Mirrors
 * `Message.from_author_and_content(Author.new(Role.TOOL, name), …)`.
 *
 * @throws {TypeError} for an unknown field in the header.
 *
 * @example
 * ```ts
 * import { toolMessage } from "harmony-wasm";
 *
 * toolMessage("functions.clock", "12:00", { recipient: "assistant", channel: "commentary" });
 * // => { role: "tool", name: "functions.clock", recipient: "assistant", channel: "commentary", content: "12:00" }
 * ```
 */
export function toolMessage(
  name: string,
  content: Message["content"],
  header: MessageHeader = {},
): Message {
  return { ...checkedHeader(header), role: "tool", name, content };
}

/**
 * Creates the result of a call as the models were trained: from the tool that
 * the call names, to the assistant, on the call's channel.
 *
 * @throws {TypeError} If the call has no recipient.
 *
 * @example
 * ```ts
 * import { assistantMessage, toolResult } from "harmony-wasm";
 *
 * const header = { channel: "commentary", recipient: "functions.clock" };
 * toolResult(assistantMessage("{}", header), "12:00");
 * // => { role: "tool", name: "functions.clock", recipient: "assistant", channel: "commentary", content: "12:00" }
 * ```
 */
export function toolResult(call: Message, content: Message["content"]): Message {
  const { recipient, channel } = checkedContent("call", call);
  if (typeof recipient !== "string" || recipient === "") {
    const advice = "message" in call ? ": pass the message of what recovery returns" : "";
    throw new TypeError(
      `"call.recipient" expected the name of the called tool, got ${described(recipient)}${advice}`,
    );
  }
  const header: MessageHeader = { recipient: "assistant" };
  if (typeof channel === "string") header.channel = channel;
  return toolMessage(recipient, content, header);
}

/**
 * Creates the `tools` of a developer message that offers functions. Mirrors
 * `with_function_tools`.
 *
 * @throws {TypeError} for tools that are not an array of objects; for a field that tools do not
 * have; for a tool in the shape of OpenAI's Chat Completions, MCP or Anthropic, which
 * promptFromChat of harmony-wasm/openai reads.
 *
 * @example
 * ```ts
 * import { developerMessage, functionTools, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const tools = functionTools([{ name: "clock", description: "Gets the time." }]);
 * const text = encoding.decodeUtf8(encoding.render(developerMessage({ tools })));
 * text.includes("// Gets the time.\ntype clock = () => any;"); // => true
 * ```
 */
export function functionTools(
  tools: readonly ToolDescription[],
): Record<string, ToolNamespaceConfig> {
  if (!Array.isArray(tools)) {
    throw new TypeError(`"tools" expected an array, got ${described(tools)}`);
  }
  for (const [index, tool] of tools.entries()) {
    checkedContent(`tools[${index}]`, tool);
    refuseForeignTool(`tools[${index}]`, tool);
    refuseUnknownField(`tools[${index}]`, tool);
  }
  return Object.fromEntries(
    Object.entries(FUNCTION_TOOLS).map(([name, namespace]) => [name, { ...namespace, tools }]),
  );
}

/**
 * The tools that the models were trained with, for a system message's `tools`.
 * Mirrors `ToolNamespaceConfig.browser()` and `.python()`.
 *
 * @example
 * ```ts
 * import { systemMessage, toolNamespaces } from "harmony-wasm";
 *
 * systemMessage({ tools: { browser: toolNamespaces.browser } });
 * toolNamespaces.browser.tools.map((tool) => tool.name); // => ["search", "open", "find"]
 * ```
 */
export const toolNamespaces: Readonly<Record<keyof typeof TOOL_NAMESPACES, ToolNamespaceConfig>> =
  TOOL_NAMESPACES;

function checkedContent<T extends object>(name: string, content: T): T {
  if (Object.prototype.toString.call(content) !== "[object Object]") {
    throw new TypeError(`"${name}" expected an object, got ${described(content)}`);
  }
  return content;
}

/** Refuses unknown fields; `others` are accepted but not named in the error. */
function checkedFields<T extends object>(
  name: string,
  value: T,
  known: readonly string[],
  others: readonly string[],
): T {
  const unknown = Object.keys(checkedContent(name, value)).find(
    (key) => !known.includes(key) && !others.includes(key),
  );
  if (unknown === undefined) return value;
  throw new TypeError(`"${name}" has no field "${unknown}"; its fields are ${known.join(", ")}`);
}

/** A whole message is accepted: its role and content are replaced. */
function checkedHeader(header: MessageHeader): MessageHeader {
  return checkedFields("header", header, HEADER_FIELDS, ["role", "content", "train"]);
}

/** Upstream's reader would name a column of JSON that the caller never wrote. */
function checkEffort(name: string, effort: unknown): void {
  const efforts = Object.entries(ReasoningEffort);
  if (effort === undefined || effort === null || efforts.some(([, each]) => each === effort))
    return;
  const known = efforts.map(([key, each]) => `${JSON.stringify(each)} (ReasoningEffort.${key})`);
  throw new TypeError(`"${name}" expected ${known.join(", ")}, got ${described(effort)}`);
}

/**
 * A misspelt `parameters` would render a tool without any. OpenAI's flat tools have
 * `type` and `strict` as well, which harmony does not render; null means absent.
 */
function refuseUnknownField(place: string, tool: unknown): void {
  const others: readonly string[] = [...TOOL_FIELDS, "type", "strict"];
  const unknown = Object.entries(Object(tool)).find(
    ([key, value]) => !others.includes(key) && value !== undefined && value !== null,
  );
  if (unknown === undefined) return;
  throw new TypeError(
    `"${place}" has no field "${unknown[0]}"; its fields are ${TOOL_FIELDS.join(", ")}`,
  );
}

/** Tools are namespaces by name; `functionTools` creates them from a list. */
function checkTools(name: string, tools: unknown): void {
  if (!Array.isArray(tools)) return;
  throw new TypeError(
    `"${name}" expected namespaces by name, got an array: pass functionTools(tools)`,
  );
}
