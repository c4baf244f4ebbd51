/**
 * Factories of messages, for those who would rather not write the JSON by
 * hand. Defaults and built-in tools come from upstream, through the build.
 */

import { described } from "./check/arguments.js";
import { FUNCTION_TOOLS, SYSTEM_CONTENT, TOOL_NAMESPACES } from "./generated/constants.js";
import type {
  DeveloperContent,
  Message,
  SystemContent,
  ToolDescription,
  ToolNamespaceConfig,
} from "./types.js";

/** Upstream ignores other fields, so a misspelt one would be lost without a word. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set<"type" | keyof SystemContent>([
  "type",
  "model_identity",
  "reasoning_effort",
  "tools",
  "conversation_start_date",
  "knowledge_cutoff",
  "channel_config",
]);

/** The header of a message, apart from its role. */
export type MessageHeader = Pick<Message, "name" | "recipient" | "channel" | "content_type">;

/**
 * A system message with upstream's defaults for what is absent; null leaves a
 * field out. Mirrors `SystemContent.new()` and its `with_…` methods.
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
  const given = Object.entries(checkedContent("content", content));
  const unknown = given.find(([key]) => !SYSTEM_FIELDS.has(key))?.[0];
  if (unknown !== undefined) {
    const known = [...SYSTEM_FIELDS].slice(1).join(", ");
    throw new TypeError(`"content" has no field "${unknown}"; its fields are ${known}`);
  }
  const present = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return { role: "system", content: [{ type: "system_content", ...SYSTEM_CONTENT, ...present }] };
}

/**
 * A developer message, of instructions alone or of instructions and tools.
 * Mirrors `DeveloperContent`.
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
  const fields =
    typeof content === "string" ? { instructions: content } : checkedContent("content", content);
  return { role: "developer", content: [{ type: "developer_content", ...fields }] };
}

/**
 * A user's message.
 *
 * @example
 * ```ts
 * import { userMessage } from "harmony-wasm";
 *
 * userMessage("hi"); // => { role: "user", content: "hi" }
 * ```
 */
export function userMessage(content: Message["content"], header: MessageHeader = {}): Message {
  return { ...header, role: "user", content };
}

/**
 * An assistant's message: an answer, reasoning, or a call of a tool.
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
  return { ...header, role: "assistant", content };
}

/**
 * The result of a tool, by the tool's full name.
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
  return { ...header, role: "tool", name, content };
}

/**
 * The result of a call, addressed as the models were trained: from the tool
 * that the call names, to the assistant, on the call's channel.
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
    throw new TypeError(
      `"call.recipient" expected the name of the called tool, got ${described(recipient)}`,
    );
  }
  const header: MessageHeader = { recipient: "assistant" };
  if (typeof channel === "string") header.channel = channel;
  return toolMessage(recipient, content, header);
}

/**
 * The `tools` of a developer message that offers functions. Mirrors
 * `with_function_tools`.
 *
 * @example
 * ```ts
 * import { developerMessage, functionTools, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const tools = functionTools([{ name: "clock", description: "Tells the time." }]);
 * const text = encoding.decodeUtf8(encoding.render(developerMessage({ tools })));
 * text.includes("// Tells the time.\ntype clock = () => any;"); // => true
 * ```
 */
export function functionTools(
  tools: readonly ToolDescription[],
): Record<string, ToolNamespaceConfig> {
  if (!Array.isArray(tools)) {
    throw new TypeError(`"tools" expected an array, got ${described(tools)}`);
  }
  for (const [index, tool] of tools.entries()) refuseForeignTool(`tools[${index}]`, tool);
  return Object.fromEntries(
    Object.entries(FUNCTION_TOOLS).map(([name, namespace]) => [name, { ...namespace, tools }]),
  );
}

/** Where other formats keep a tool's name or schema; upstream would render such a tool without it. */
const FOREIGN_TOOL_FIELDS = ["function", "inputSchema", "input_schema"];

function refuseForeignTool(place: string, tool: unknown): void {
  if (typeof tool !== "object" || tool === null) return;
  const found = FOREIGN_TOOL_FIELDS.find((field) => field in tool);
  if (found === undefined) return;
  throw new TypeError(
    `"${place}" has "${found}", which harmony does not read: a tool is { name, description, parameters }. ` +
      "promptFromChat of harmony-wasm/openai reads OpenAI's, MCP's and Anthropic's tools.",
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
