/**
 * A row in the Chat Completions shape as harmony's JSON text. Takes and gives
 * text, so that what a schema's numbers and key order render to stays exact.
 * Knows OpenAI's shapes only: what a system message holds, and how anything is
 * written as tokens, is harmony-wasm's.
 */

import { systemMessage } from "../../index.js";
import { type MappedMessage, MessageMapper, messagePlaces } from "../conversation/messages.js";
import { toolsText } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  optionalTextAt,
  parsedAt,
} from "../json/fields.js";

/** What a row does not say of itself. */
export interface ChatOptions {
  /** Whether conversations begin with harmony's system message. Default true. */
  systemMessage?: boolean;
  /** `low`, `medium` or `high`; a row's own `reasoning_effort` comes first. */
  reasoningEffort?: string;
  conversationStartDate?: string;
  knowledgeCutoff?: string;
  modelIdentity?: string;
}

const EFFORTS = { low: "Low", medium: "Medium", high: "High" } as const;

/**
 * The conversation of a row, as JSON text that harmony-wasm renders.
 *
 * @throws {RequestError} with the JSON path of what has no place in a harmony conversation.
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
export function conversationFromChatCompletions(text: string, options: ChatOptions = {}): string {
  const row = fieldsAt(parsedAt(text, ""), "");
  const messages = mappedMessages(row, text);
  const texts = messages.map((message) => JSON.stringify(message));
  offerTools(messages, texts, toolsText(row, text));
  if (options.systemMessage !== false) texts.unshift(JSON.stringify(systemOf(row, options)));
  return `{"messages":[${texts.join(",")}]}`;
}

function mappedMessages(row: Fields, text: string): MappedMessage[] {
  const mapper = new MessageMapper(text);
  const places = messagePlaces(text, "messages");
  const given = arrayAt(row.messages, "messages");
  if (given.length === 0)
    throw new RequestError(
      "empty_conversation",
      "the conversation has no messages to render",
      "messages",
    );
  return given.flatMap((message, index) => {
    const path = `messages[${index}]`;
    return mapper.map(fieldsAt(message, path), path, () => places(index));
  });
}

/** Tools stand in the first developer message; without one, in one of their own. */
function offerTools(
  messages: readonly MappedMessage[],
  texts: string[],
  tools: string | undefined,
): void {
  if (tools === undefined) return;
  const content = (rest: string) => `[{"type":"developer_content",${rest}"tools":${tools}}]`;
  const at = messages.findIndex(({ role }) => role === "developer");
  const part = messages[at]?.content[0];
  if (typeof part === "object" && part.type === "developer_content") {
    const instructions = `"instructions":${JSON.stringify(part.instructions)},`;
    texts[at] = `{"role":"developer","content":${content(instructions)}}`;
  } else {
    texts.unshift(`{"role":"developer","content":${content("")}}`);
  }
}

function systemOf(row: Fields, options: ChatOptions) {
  const { modelIdentity, conversationStartDate, knowledgeCutoff } = options;
  const template = isFields(row.chat_template_kwargs) ? row.chat_template_kwargs : {};
  const identity = optionalTextAt(template.model_identity, "chat_template_kwargs.model_identity");
  const model_identity = identity ?? modelIdentity;
  const reasoning_effort = effortOf(row, template, options);
  return systemMessage({
    ...(model_identity === undefined ? {} : { model_identity }),
    ...(reasoning_effort === undefined ? {} : { reasoning_effort }),
    ...(conversationStartDate === undefined
      ? {}
      : { conversation_start_date: conversationStartDate }),
    ...(knowledgeCutoff === undefined ? {} : { knowledge_cutoff: knowledgeCutoff }),
  });
}

function effortOf(row: Fields, template: Fields, { reasoningEffort }: ChatOptions) {
  const own = row.reasoning_effort ?? template.reasoning_effort ?? reasoningEffort;
  if (own === undefined || own === null) return undefined;
  const effort = Object.entries(EFFORTS).find(([name]) => name === own)?.[1];
  if (effort) return effort;
  const message = `expected low, medium or high, got ${JSON.stringify(own)}`;
  throw new RequestError("invalid_conversation", message, "reasoning_effort");
}
