/**
 * Reads the turns of ShareGPT rows, and of its dialect with calls: a turn `function_call` holds the
 * JSON of a call or of several, and a turn `observation` one result.
 */

import { RequestError } from "../errors.js";
import {
  arrayAt,
  entryOf,
  type Fields,
  fieldsAt,
  isFields,
  parsedAt,
  textAt,
} from "../json/fields.js";

/** Who speaks, and the role of the message. */
const SPEAKERS: Readonly<Record<string, string>> = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
  function_call: "assistant",
  observation: "tool",
  tool: "tool",
};

/** A turn with its place in the row. */
interface Turn {
  from: string;
  value: string;
  /** Its other fields. */
  rest: Fields;
  path: string;
}

/** The messages of these turns, as JSON text; undefined if they are messages already. */
export function messagesOfTurns(given: readonly unknown[], field: string): string | undefined {
  if (given.every((turn) => isFields(turn) && "role" in turn)) return undefined;
  const turns = given.map((turn, index) => turnAt(turn, `${field}[${index}]`));
  const messages = turns.map((turn, index) => {
    if (turn.from !== "function_call") return messageText(turn);
    return callsText(turn, turns.slice(index + 1));
  });
  return `[${messages.join(",")}]`;
}

function turnAt(given: unknown, path: string): Turn {
  const { from, value, ...rest } = fieldsAt(given, path);
  return { from: textAt(from, `${path}.from`), value: textAt(value, `${path}.value`), rest, path };
}

function messageText({ from, value, rest, path }: Turn): string {
  const role = entryOf(SPEAKERS, from);
  if (role !== undefined) return JSON.stringify({ ...rest, role, content: value });
  const known = Object.keys(SPEAKERS).join(", ");
  const message = `expected one of ${known}, got ${JSON.stringify(from)}`;
  throw new RequestError("unknown_role", message, `${path}.from`);
}

/** The calls keep their text, and so their numbers. */
function callsText({ value, rest, path }: Turn, after: readonly Turn[]): string {
  const calls = parsedAt(value, `${path}.value`);
  const count = Array.isArray(calls) ? arrayAt(calls, path).length : 1;
  const end = after.findIndex(({ from }) => entryOf(SPEAKERS, from) !== "tool");
  const results = end < 0 ? after.length : end;
  if (count > 1 && results > 0 && results !== count) {
    const message = `expected one observation for each of the ${count} calls, got ${results}: which call is meant is not certain`;
    throw new RequestError("invalid_conversation", message, path);
  }
  const open = JSON.stringify({ ...rest, role: "assistant" }).slice(0, -1);
  return `${open},"tool_calls":${Array.isArray(calls) ? value : `[${value}]`}}`;
}
