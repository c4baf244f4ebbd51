/**
 * The shapes of rows. Shapes with a certain meaning are read; for the others the error names the
 * shape and what to do.
 */

import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  parsedAt,
  textAt,
} from "../json/fields.js";
import { memberOf, startOf } from "../json/source.js";
import { messagesOfTurns } from "./share-gpt.js";

/** A shape other than Chat Completions', and how it is read. */
export interface ForeignShape {
  /** Its usual name. */
  name: string;
  /** The fields by which it is known. */
  fields: readonly string[];
  /** What each of them has to be; absent: anything but null. */
  each?: (field: unknown) => boolean;
  /** The messages of a row, as JSON text; absent: it is not read. */
  messagesOf?: (row: Fields, text: string) => string;
  /** What to do with rows that are not read. */
  advice?: string;
  /** Whether a tool has made the rows, whose other columns show which one. */
  isRendered?: boolean;
}

/** What to do with a row that Chat Completions' reader reads. */
export const READER = "read it with conversationFromChatCompletions";

/** The shapes that have no `messages`, by the fields that say so. */
const SHAPES: readonly ForeignShape[] = [
  {
    name: "preference data (KTO)",
    fields: ["prompt", "completion", "label"],
    advice: "keep the rows whose label is true, without the label",
  },
  {
    name: "preference data",
    fields: ["chosen", "rejected"],
    advice: "rename the column to train on to messages",
  },
  { name: "ShareGPT", fields: ["conversations"], messagesOf: fromShareGpt },
  { name: "ShareGPT", fields: ["conversation"], messagesOf: fromShareGpt },
  {
    name: "TRL's prompt and completion as text, which has no roles",
    fields: ["prompt", "completion"],
    each: isPlainText,
    advice: "make it messages of user and assistant first, or encode it as text",
  },
  {
    name: "TRL's prompt and completion",
    fields: ["prompt", "completion"],
    messagesOf: fromPrompt,
  },
  ...["input_ids", "tokens"].map((field) => ({
    name: "token ids, which are rendered already",
    isRendered: true,
    fields: [field],
    each: isNumbers,
    advice: "give the conversations that they were rendered from",
  })),
  {
    name: "an instruction of Alpaca",
    fields: ["instruction", "output"],
    advice: "make it messages first",
  },
  {
    name: "xLAM's query and answers",
    fields: ["query", "answers"],
    messagesOf: fromAnswers,
  },
  { name: "input and output", fields: ["input", "output"], advice: "make it messages first" },
  { name: "the input of the Responses API", fields: ["input"], advice: "make it messages first" },
  { name: "the contents of Gemini", fields: ["contents"], advice: "make it messages first" },
  { name: "a request of OpenAI's batches", fields: ["body"], advice: "render the body of each" },
  { name: "plain text", fields: ["text"], advice: "encode it as text" },
];

/** The shape of a row without `messages`, or undefined. */
export function foreignShapeOf(row: unknown): ForeignShape | undefined {
  if (!isFields(row) || isPresent(row.messages)) return undefined;
  return SHAPES.find(({ fields, each = isPresent }) => fields.every((name) => each(row[name])));
}

/** Whether a field is text, and not the JSON text of a list. */
function isPlainText(field: unknown): boolean {
  return typeof field === "string" && !field.trimStart().startsWith("[{");
}

function isNumbers(field: unknown): boolean {
  return Array.isArray(field) && field.every((each) => typeof each === "number");
}

/**
 * An error message about a row without messages: which shape it has, and what to do. `reader` says how
 * a shape that `conversationFromChatCompletions` reads is read.
 *
 * @example
 * ```ts
 * import { missingMessages } from "harmony-wasm/openai";
 *
 * missingMessages({ text: "Hi" });
 * // => "expected messages, got text: the row looks like plain text; encode it as text"
 * ```
 */
export function missingMessages(row: unknown, reader: string = READER): string {
  const shape = foreignShapeOf(row);
  if (!shape) return `expected messages, got none: ${keysOf(row)}`;
  const fields = shape.fields.join(" and ");
  const columns = shape.isRendered ? ` (${keysOf(row)})` : "";
  return `expected messages, got ${fields}: the row looks like ${shape.name}${columns}; ${shape.advice ?? reader}`;
}

function keysOf(row: unknown): string {
  const keys = isFields(row) ? Object.keys(row) : [];
  return `the row has ${keys.slice(0, 8).join(", ") || "no fields"}`;
}

/** A row whose messages are a list under `messages`, with its JSON text. */
export function chatRow(text: string): { row: Fields; text: string } {
  const row = parsedAt(text, "");
  if (Array.isArray(row) && row.length > 0)
    return { row: { messages: row }, text: `{"messages":${text}}` };
  const fields = fieldsAt(row, "");
  if (isPresent(fields.messages) && typeof fields.messages !== "string")
    return { row: fields, text };
  const changed = withMember(text, messagesText(fields, text));
  return { row: fieldsAt(parsedAt(changed, ""), ""), text: changed };
}

/** The messages of a row that has them as text, or in another shape. */
function messagesText(row: Fields, text: string): string {
  if (typeof row.messages === "string") {
    arrayAt(parsedAt(row.messages, "messages"), "messages");
    return row.messages;
  }
  const shape = foreignShapeOf(row);
  if (shape?.messagesOf) return shape.messagesOf(row, text);
  throw new RequestError("invalid_conversation", missingMessages(row), "messages");
}

/** The last member of a name counts. */
function withMember(text: string, messages: string): string {
  const end = text.lastIndexOf("}");
  return `${text.slice(0, end)},"messages":${messages}}`;
}

function fromShareGpt(row: Fields, text: string): string {
  const field = isPresent(row.conversations) ? "conversations" : "conversation";
  const list = memberText(row, text, field);
  return messagesOfTurns(arrayAt(parsedAt(list, field), field), field) ?? list;
}

/** xLAM's rows: a question, and the calls that answer it. */
function fromAnswers(row: Fields, text: string): string {
  const user = JSON.stringify({ role: "user", content: textAt(row.query, "query") });
  const calls = memberText(row, text, "answers");
  return `[${user},{"role":"assistant","tool_calls":${calls}}]`;
}

/** TRL's conversational form. */
function fromPrompt(row: Fields, text: string): string {
  const lists = ["prompt", "completion"].map((field) => {
    return memberText(row, text, field).trim().slice(1, -1).trim();
  });
  return `[${lists.filter((list) => list !== "").join(",")}]`;
}

/** The text of a member that is a list, or of a list as JSON text. */
function memberText(row: Fields, text: string, field: string): string {
  const value = row[field];
  arrayAt(typeof value === "string" ? parsedAt(value, field) : value, field);
  if (typeof value === "string") return value;
  const place = memberOf(text, startOf(text), field);
  return text.slice(place?.start, place?.end);
}
