/**
 * The shapes of rows. Shapes with a certain meaning are read; for the others the error names the
 * shape and what to do.
 */

import { RequestError } from "../errors.js";
import {
  arrayAt,
  entryOf,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  parsedAt,
  textAt,
} from "../json/fields.js";
import { memberOf, valueAt } from "../json/source.js";

/** Who speaks in a ShareGPT row. */
const SPEAKERS: Readonly<Record<string, string>> = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
};

/** A shape other than Chat Completions', and how it is read. */
export interface ForeignShape {
  /** Its usual name. */
  name: string;
  /** The fields by which it is known. */
  fields: readonly string[];
  /** The messages of a row, as JSON text; absent: it is not read. */
  messagesOf?: (row: Fields, text: string) => string;
  /** What to do with rows that are not read. */
  advice: string;
}

const READ = "--shape chat reads it";

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
  { name: "ShareGPT", fields: ["conversations"], messagesOf: fromShareGpt, advice: READ },
  { name: "ShareGPT", fields: ["conversation"], messagesOf: fromShareGpt, advice: READ },
  {
    name: "TRL's prompt and completion",
    fields: ["prompt", "completion"],
    messagesOf: fromPrompt,
    advice: READ,
  },
  { name: "Alpaca's", fields: ["instruction", "output"], advice: "make it messages first" },
  { name: "the Responses API's", fields: ["input"], advice: "make it messages first" },
  { name: "Gemini's", fields: ["contents"], advice: "make it messages first" },
  { name: "OpenAI's batch requests", fields: ["body"], advice: "render the body of each" },
  { name: "plain text", fields: ["text"], advice: "encode it with harmony encode" },
];

/** The shape of a row without `messages`, or undefined. */
export function foreignShapeOf(row: unknown): ForeignShape | undefined {
  if (!isFields(row) || isPresent(row.messages)) return undefined;
  return SHAPES.find(({ fields }) => fields.every((field) => isPresent(row[field])));
}

/** An error message about a row without messages: which shape it has, and what to do. */
export function missingMessages(row: unknown): string {
  const shape = foreignShapeOf(row);
  if (!shape) return `expected messages, got none${keysOf(row)}`;
  const fields = shape.fields.join(" and ");
  return `expected messages, got ${fields}: the row has the shape ${shape.name}; ${shape.advice}`;
}

function keysOf(row: unknown): string {
  const keys = isFields(row) ? Object.keys(row) : [];
  return keys.length === 0 ? "" : `: the row has ${keys.slice(0, 8).join(", ")}`;
}

/** A row's text with its messages under `messages`, as a list. */
export function chatRowText(text: string): string {
  const row = parsedAt(text, "");
  if (Array.isArray(row) && row.length > 0) return `{"messages":${text}}`;
  if (!isFields(row)) return text;
  if (typeof row.messages === "string") {
    arrayAt(parsedAt(row.messages, "messages"), "messages");
    return withMember(text, row.messages);
  }
  if (isPresent(row.messages)) return text;
  const shape = foreignShapeOf(row);
  if (!shape?.messagesOf) {
    throw new RequestError("invalid_conversation", missingMessages(row), "messages");
  }
  return withMember(text, shape.messagesOf(row, text));
}

/** The last member of a name counts. */
function withMember(text: string, messages: string): string {
  const end = text.lastIndexOf("}");
  return `${text.slice(0, end)},"messages":${messages}}`;
}

function fromShareGpt(row: Fields, text: string): string {
  const field = isPresent(row.conversations) ? "conversations" : "conversation";
  const turns = arrayAt(row[field], field);
  if (turns.every((turn) => isFields(turn) && "role" in turn)) {
    const place = memberOf(text, valueAt(text, 0), field);
    return text.slice(place?.start, place?.end);
  }
  const messages = turns.map((given, index) => {
    const at = `${field}[${index}]`;
    const turn = fieldsAt(given, at);
    const from = textAt(turn.from, `${at}.from`);
    const role = entryOf(SPEAKERS, from);
    if (role === undefined) {
      const known = Object.keys(SPEAKERS).join(", ");
      const message = `expected one of ${known}, got ${JSON.stringify(from)}`;
      throw new RequestError("unknown_role", message, `${at}.from`);
    }
    const { from: _from, value: _value, ...rest } = turn;
    return { ...rest, role, content: textAt(turn.value, `${at}.value`) };
  });
  return JSON.stringify(messages);
}

/** TRL's conversational form. Its plain form, two texts, has no roles and is not read. */
function fromPrompt(row: Fields, text: string): string {
  const lists = ["prompt", "completion"].map((field) => {
    arrayAt(row[field], field);
    const place = memberOf(text, valueAt(text, 0), field);
    return text.slice((place?.start ?? 0) + 1, (place?.end ?? 0) - 1).trim();
  });
  return `[${lists.filter((list) => list !== "").join(",")}]`;
}
