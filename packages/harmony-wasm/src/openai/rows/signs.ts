/**
 * Detects the shape of a row, harmony's own or Chat Completions', by the fields that only one of
 * them has. A row without such fields stays undecided, because the same text has different ids in
 * the two shapes.
 */

import { CHAT_MESSAGE_FIELDS, CHAT_REQUEST_FIELDS } from "../../check/foreign-shapes.js";
import { RequestError } from "../errors.js";
import { isFields, isPresent, parsedAt } from "../json/fields.js";
import { foreignShapeOf, READER } from "./shapes.js";

/** The shapes that rows are rendered from. */
export type RowShape = "harmony" | "chat";

/** A field that only one shape has. */
export interface ShapeSign {
  shape: RowShape;
  /** Its JSON path in the row. */
  path: string;
}

const HARMONY_FIELDS = ["channel", "recipient", "content_type"];
const HARMONY_PARTS = ["system_content", "developer_content"];
/** Fields of messages that only Chat Completions and its dialects have. */
export const CHAT_FIELDS: readonly string[] = [
  ...CHAT_MESSAGE_FIELDS,
  "tool_name",
  "weight",
  "training",
  "loss",
];
/** Fields beside the messages: those of requests, and columns that chat rows are read from. */
export const CHAT_ROW_FIELDS: readonly string[] = [
  ...CHAT_REQUEST_FIELDS,
  "builtin_tools",
  "response_format",
  "model_identity",
  "system",
  "system_prompt",
  "system_message",
  "thinking",
  "reasoning_content",
];
/** Matches the text of rows that may have a field of chat, so that most rows need not be parsed. */
const MAYBE_CHAT = new RegExp(`"(?:${[...CHAT_FIELDS, ...CHAT_ROW_FIELDS].join("|")})"\\s*:`);

/** The first field of each shape that a row has. */
export function shapeSigns(row: unknown): ShapeSign[] {
  const chat = chatSign(row);
  const harmony = messagesOf(row).flatMap(harmonySign)[0];
  return [
    ...(chat === undefined ? [] : [{ shape: "chat" as const, path: chat }]),
    ...(harmony === undefined ? [] : [{ shape: "harmony" as const, path: harmony }]),
  ];
}

/**
 * Refuses a row in harmony's shape that has a field of Chat Completions in it:
 * harmony's reader would leave the field out. `reader` says in the error how such a row is read.
 *
 * @throws {RequestError} `invalid_conversation` with the field's path.
 */
export function refuseChatFields(text: string, reader: string = READER): void {
  if (!MAYBE_CHAT.test(text)) return;
  const path = chatSign(parsedAt(text, ""));
  if (path === undefined) return;
  const message = `${path} is a field of Chat Completions, which a row in harmony's shape does not have: ${reader}, or write it as harmony does`;
  throw new RequestError("invalid_conversation", message, path);
}

function chatSign(row: unknown): string | undefined {
  const ofRow = fieldOf(row, CHAT_ROW_FIELDS);
  if (ofRow !== undefined) return ofRow;
  const foreign = foreignShapeOf(row);
  if (foreign?.messagesOf) return foreign.fields[0];
  if (isFields(row) && typeof row.messages === "string") return "messages";
  return messagesOf(row).flatMap(([message, path]) => {
    const field = fieldOf(message, CHAT_FIELDS);
    return field === undefined ? [] : [`${path}.${field}`];
  })[0];
}

function harmonySign([message, path]: readonly [message: unknown, path: string]): string[] {
  const field = fieldOf(message, HARMONY_FIELDS);
  if (field !== undefined) return [`${path}.${field}`];
  const content = isFields(message) ? message.content : undefined;
  const hasPart =
    Array.isArray(content) &&
    content.some((part) => isFields(part) && HARMONY_PARTS.some((type) => type === part.type));
  return hasPart ? [`${path}.content`] : [];
}

function messagesOf(row: unknown): (readonly [message: unknown, path: string])[] {
  const [messages, at] = Array.isArray(row)
    ? [row, ""]
    : [isFields(row) ? row.messages : undefined, "messages"];
  return Array.isArray(messages)
    ? messages.map((message, index) => [message, `${at}[${index}]`] as const)
    : [];
}

/** The first of these fields that is not empty. */
function fieldOf(value: unknown, names: readonly string[]): string | undefined {
  if (!isFields(value)) return undefined;
  return names.find((name) => {
    const field = value[name];
    return isPresent(field) && !(Array.isArray(field) && field.length === 0);
  });
}
