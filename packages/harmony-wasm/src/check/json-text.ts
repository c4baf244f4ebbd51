/**
 * Conversations and messages as JSON. `json-bytes.ts` writes plain data; `json-writer.ts`
 * takes everything else, and refuses what JSON cannot carry.
 */

import type { ConversationInput, Message } from "../types.js";
import { checkedText, described } from "./arguments.js";
import { refuseForeignConversation, refuseForeignMessage } from "./foreign-shapes.js";
import { jsonBytes } from "./json-bytes.js";
import { writtenJson } from "./json-writer.js";

/** JSON as text, or as UTF-8 that is valid until the next conversation or message is read. */
export type Json = string | Uint8Array;

/** The JSON of a conversation; JSON text is returned unchanged. */
export function conversationJson(conversation: ConversationInput): Json {
  return jsonOf("conversation", conversation, refuseForeignConversation);
}

/** The JSON of a message; JSON text is returned unchanged. */
export function messageJson(message: Message | string): Json {
  return jsonOf("message", message, refuseForeignMessage);
}

function jsonOf(
  name: string,
  value: unknown,
  refuseForeign: (value: object | string) => void,
): Json {
  if (typeof value === "string") {
    const text = checkedText(name, value);
    refuseForeign(text);
    return text;
  }
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`"${name}" expected an object or JSON text, got ${described(value)}`);
  }
  // First, because the bytes are valid only until a getter of the caller's renders something.
  refuseForeign(value);
  return jsonBytes(value) ?? writtenJson(name, value);
}
