/**
 * A data row in the Chat Completions shape as harmony's JSON text. Takes and
 * gives text, so that what a schema's numbers and key order render to stays
 * exact. Rows have fields that requests have not, and no one who reads
 * warnings: what cannot be carried over is refused.
 */

import { type Message, toolNamespaces } from "../../index.js";
import { readMessages } from "../chat/messages.js";
import { checkedBy, type OptionChecks } from "../check/options.js";
import { flag, text as textCheck } from "../check/values.js";
import {
  assembled,
  type BuiltinTool,
  conversationOf,
  type SystemFields,
  systemOf,
} from "../conversation/assemble.js";
import { inOrderOfCalls } from "../conversation/calls.js";
import { Draft } from "../conversation/draft.js";
import { effortAt } from "../conversation/effort.js";
import type { ToolNames } from "../conversation/names.js";
import { responseFormatAt } from "../conversation/response-format.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalTextAt,
  parsedAt,
} from "../json/fields.js";
import { memberOf, startOf } from "../json/source.js";
import { hasLoneSurrogates, jsonTextOf, refuseLoneSurrogates } from "../json/text-of.js";
import { effort as effortCheck } from "../prompt/options.js";
import { refuseForeignCall, refuseMarkup } from "./markup.js";
import { rowTools } from "./row-tools.js";
import { chatRow } from "./shapes.js";
import { CHAT_ROW_FIELDS } from "./signs.js";
import {
  READ_COLUMNS,
  refuseUnreadArguments,
  refuseUnreadColumns,
  refuseUnreadFields,
} from "./unread.js";

/** Settings that rows do not have themselves. */
export interface ChatOptions {
  /** Whether conversations begin with harmony's system message. Default true. */
  systemMessage?: boolean;
  /** `low`, `medium` or `high`; a row's own `reasoning_effort` comes first. */
  reasoningEffort?: string;
  conversationStartDate?: string;
  knowledgeCutoff?: string;
  modelIdentity?: string;
  /** Read a leading `<think>…</think>` of an assistant's text as its reasoning. Default: refuse it. */
  thinkTags?: boolean;
  /** Render tools by their simplified schemas, see `simplifySchema`. Default: as they are given. */
  simplifySchemas?: boolean;
  /** Render text that looks like a special token, `<|end|>`, as text. Default: refuse it. */
  allowMarkup?: boolean;
}

const CHAT_OPTIONS: OptionChecks<ChatOptions> = {
  systemMessage: flag,
  reasoningEffort: effortCheck,
  conversationStartDate: textCheck,
  knowledgeCutoff: textCheck,
  modelIdentity: textCheck,
  thinkTags: flag,
  simplifySchemas: flag,
  allowMarkup: flag,
};

/** What plain rows are rendered with: `renderRows` of harmony-wasm takes it. */
export interface PlainRows {
  shape: "chat";
  preface: Message[];
  /** The columns that are read beside the messages: a row that has one is not plain. */
  rowFields: readonly string[];
}

/**
 * How `renderRows` renders plain rows, many in one call, to the ids that
 * {@link conversationFromChatCompletions} gives. It leaves out all others.
 *
 * @throws {TypeError} for an option that does not exist, or of a wrong type.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { plainChatRows } from "harmony-wasm/openai";
 *
 * const rows = new TextEncoder().encode('{"messages": [{"role": "user", "content": "Tokyo?"}]}');
 * const encoding = loadHarmonyEncodingSync();
 * const options = plainChatRows({ systemMessage: false });
 * const rendered = encoding.renderRows(rows, Uint32Array.of(rows.length), options);
 * encoding.decodeUtf8(rendered.tokensAt(0) ?? []); // => "<|start|>user<|message|>Tokyo?<|end|>"
 * ```
 */
export function plainChatRows(settings?: ChatOptions | null): PlainRows {
  const options = checkedBy<ChatOptions>("options", settings, CHAT_OPTIONS);
  const preface = options.systemMessage === false ? [] : [systemOf(systemFieldsOf({}, options))];
  return { shape: "chat", preface, rowFields: [...CHAT_ROW_FIELDS, ...READ_COLUMNS] };
}

/** Columns that hold the system prompt. */
const SYSTEM_COLUMNS = ["system", "system_prompt", "system_message"];

/**
 * The conversation of a row, as JSON text that harmony-wasm renders. JSON text keeps the numbers and
 * the key order of schemas and arguments; an object is written as JSON first.
 *
 * @throws {RequestError} with the JSON path of the field that cannot be converted.
 * @throws {TypeError} for an option that does not exist, and for an object with what JSON cannot carry.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { conversationFromChatCompletions } from "harmony-wasm/openai";
 *
 * const row = '{"messages": [{"role": "user", "content": "Tokyo?"}]}';
 * const conversation = conversationFromChatCompletions(row, { systemMessage: false });
 * const encoding = loadHarmonyEncodingSync();
 * encoding.decodeUtf8(encoding.renderConversation(conversation));
 * // => "<|start|>user<|message|>Tokyo?<|end|>"
 * ```
 */
export function conversationFromChatCompletions(
  given: object | string,
  settings?: ChatOptions | null,
): string {
  const options = checkedBy<ChatOptions>("options", settings, CHAT_OPTIONS);
  const { row, text } = chatRow(jsonTextOf("row", given));
  const tools = rowTools(row, text);
  const draft = draftOf(row, text, tools.names, options);
  if (!options.allowMarkup) {
    draft.messages.forEach(refuseMarkup);
    tools.refuseMarkup();
  }
  if (options.systemMessage === false) refuseBuiltinTools(row);
  const format = formatOf(row, text);
  const conversation = conversationOf(
    assembled(draft.messages, {
      tools: options.simplifySchemas ? tools.simpleText : tools.text,
      section: format?.section,
      ...(options.systemMessage !== false && { system: systemFieldsOf(row, options) }),
    }),
  );
  // Columns that are not read may have one.
  if (hasLoneSurrogates(conversation)) refuseLoneSurrogates(text, row);
  return conversation;
}

/** Places are searched only for fields that are there: the search reads the whole text. */
function formatOf(row: Fields, text: string) {
  const name = "response_format";
  if (!isPresent(row[name])) return undefined;
  return responseFormatAt(row[name], text, memberOf(text, startOf(text), name), name);
}

function draftOf(row: Fields, text: string, names: ToolNames, options: ChatOptions): Draft {
  const draft = new Draft(names, inOrderOfCalls);
  const given = arrayAt(row.messages, "messages");
  refuseUnreadColumns(row, given);
  given.forEach((message, index) => {
    if (!isFields(message)) return;
    refuseUnreadFields(message, `messages[${index}]`);
    if (!options.allowMarkup) refuseForeignCall(message, `messages[${index}].content`);
  });
  addSystemColumn(row, given, draft);
  if (given.length === 0) {
    const message = "the conversation has no messages to render";
    throw new RequestError("empty_conversation", message, "messages");
  }
  readMessages(text, given, draft, names, { ...options, from: "row" });
  return draft;
}

/** Some data sets keep the system prompt in a column of its own. */
function addSystemColumn(row: Fields, messages: readonly unknown[], draft: Draft): void {
  const [first] = messages;
  const isSystem = isFields(first) && (first.role === "system" || first.role === "developer");
  let known = isSystem ? first.content : undefined;
  for (const column of SYSTEM_COLUMNS) {
    const system = optionalTextAt(row[column], column);
    if (!system || system === known) continue;
    if (known !== undefined) {
      const message = `expected one system prompt, got different ones in ${column} and in ${isSystem ? "the first message" : "another column"}`;
      throw new RequestError("invalid_conversation", message, column);
    }
    known = system;
    draft.path = column;
    draft.addInstructions(system);
  }
}

function systemFieldsOf(row: Fields, options: ChatOptions): SystemFields {
  const template = templateOf(row);
  const ofTemplate = optionalTextAt(template.model_identity, "chat_template_kwargs.model_identity");
  const identity = optionalTextAt(row.model_identity, "model_identity") || ofTemplate;
  const { effort: ofReasoning } = isFields(row.reasoning) ? row.reasoning : {};
  const given = [row.reasoning_effort, ofReasoning, template.reasoning_effort];
  const effort =
    given.find((each) => isPresent(each) && each !== "") ?? options.reasoningEffort?.toLowerCase();
  return {
    modelIdentity: identity ?? options.modelIdentity,
    reasoningEffort: effortAt(effort, "reasoning_effort"),
    conversationStartDate: options.conversationStartDate,
    knowledgeCutoff: options.knowledgeCutoff,
    builtinTools: builtinToolsOf(row),
  };
}

/** The template's arguments, as an object or as its JSON text. */
function templateOf({ chat_template_kwargs: given }: Fields): Fields {
  if (!isPresent(given) || given === "") return {};
  const name = "chat_template_kwargs";
  const template = fieldsAt(
    typeof given === "string" ? (parsedAt(given, name) ?? {}) : given,
    name,
  );
  refuseUnreadArguments(template, name);
  return template;
}

function builtinToolsOf(row: Fields): BuiltinTool[] {
  const template = templateOf(row);
  return [
    ...builtinToolsAt(row.builtin_tools, "builtin_tools"),
    ...builtinToolsAt(template.builtin_tools, "chat_template_kwargs.builtin_tools"),
  ];
}

/** Refuses built-in tools without a system message, which is where they are rendered. */
function refuseBuiltinTools(row: Fields): void {
  if (builtinToolsOf(row).length === 0) return;
  const message = "built-in tools need harmony's system message, which is left out";
  throw new RequestError("invalid_conversation", message, "builtin_tools");
}

function builtinToolsAt(value: unknown, path: string): BuiltinTool[] {
  if (!isPresent(value) || value === "") return [];
  return arrayAt(typeof value === "string" ? parsedAt(value, path) : value, path).map(
    (name, index) => {
      if (name === "browser" || name === "python") return name;
      const known = Object.keys(toolNamespaces).join(" or ");
      const message = `expected ${known}, got ${JSON.stringify(name)}`;
      throw new RequestError("unsupported_value", message, `${path}[${index}]`);
    },
  );
}
