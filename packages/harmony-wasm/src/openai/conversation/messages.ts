/**
 * Messages of the Chat Completions shape to harmony's: one assistant message
 * becomes its reasoning, its text and its calls, one message each.
 * docs/chat-completions.md is the table that this module keeps.
 */

import type { Message } from "../../index.js";
import { RequestError } from "../errors.js";
import { arrayAt, type Fields, fieldsAt, optionalTextAt, textAt } from "../json/fields.js";
import { elementsOf, memberOf, type Place, spacedAsPython, valueAt } from "../json/source.js";
import { contentAt, joinedText } from "./content.js";

/** A harmony message that may say it is not to be trained on. */
export type MappedMessage = Message & { train?: boolean };

/** The field names under which data sets keep the chain of thought. */
const REASONING = ["thinking", "reasoning_content", "reasoning"] as const;

/** Maps the messages of one row in order; remembers the calls that results answer. */
export class MessageMapper {
  readonly #text: string;
  readonly #calls = new Map<string, string>();
  #lastCall: string | undefined;

  /** `text` is the row's JSON text, of which arguments given as objects are cut. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The harmony messages of one message; `place` is where it stands in the text. */
  map(fields: Fields, path: string, place: () => Place | undefined): MappedMessage[] {
    const role = textAt(fields.role, `${path}.role`);
    refuseLost(fields, role, path);
    if (role === "system" || role === "developer") return [this.#developer(fields, path)];
    if (role === "user") return [userMessage(fields, path)];
    if (role === "assistant") return this.#assistant(fields, path, place);
    if (role === "tool" || role === "function") return [this.#result(fields, path, place)];
    throw new RequestError("unknown_role", `unknown role: ${role}`, `${path}.role`);
  }

  #developer(fields: Fields, path: string): MappedMessage {
    const instructions = joinedText(required(fields, path));
    return { role: "developer", content: [{ type: "developer_content", instructions }] };
  }

  #assistant(fields: Fields, path: string, place: () => Place | undefined): MappedMessage[] {
    const calls = this.#toolCalls(fields, path, place);
    const messages: MappedMessage[] = [];
    const reasoning = reasoningOf(fields, path);
    if (reasoning) messages.push({ role: "assistant", channel: "analysis", content: reasoning });
    const content = contentAt(fields.content, `${path}.content`) ?? refusalOf(fields, path);
    // Beside calls it is a preamble, which an empty one is not.
    const isSaid = content !== undefined && (content !== "" || (!reasoning && calls.length === 0));
    if (isSaid) {
      const channel = calls.length > 0 ? "commentary" : "final";
      messages.push({ role: "assistant", channel, content });
    }
    messages.push(...calls);
    if (messages.length === 0) {
      const message = "an assistant's message has neither content nor reasoning nor tool_calls";
      throw new RequestError("invalid_conversation", message, path);
    }
    return messages.map((message) =>
      isUntrained(fields) ? { ...message, train: false } : message,
    );
  }

  #toolCalls(fields: Fields, path: string, place: () => Place | undefined): MappedMessage[] {
    if (fields.tool_calls !== undefined && fields.tool_calls !== null) {
      return arrayAt(fields.tool_calls, `${path}.tool_calls`).map((call, index) => {
        const at = `${path}.tool_calls[${index}]`;
        const outer = fieldsAt(call, at);
        const wrapped = outer.function !== undefined;
        const inner = wrapped ? fieldsAt(outer.function, `${at}.function`) : outer;
        const steps = ["tool_calls", index, ...(wrapped ? ["function"] : []), "arguments"];
        const source = () => this.#placeOf(place(), steps);
        return this.#call(inner, wrapped ? `${at}.function` : at, source, outer.id);
      });
    }
    if (fields.function_call === undefined || fields.function_call === null) return [];
    const call = fieldsAt(fields.function_call, `${path}.function_call`);
    const source = () => this.#placeOf(place(), ["function_call", "arguments"]);
    return [this.#call(call, `${path}.function_call`, source, undefined)];
  }

  #call(call: Fields, path: string, source: () => Place | undefined, id: unknown): MappedMessage {
    const recipient = recipientNamed(textAt(call.name, `${path}.name`));
    this.#lastCall = recipient;
    if (typeof id === "string") this.#calls.set(id, recipient);
    return {
      role: "assistant",
      channel: "commentary",
      recipient,
      content_type: "<|constrain|>json",
      content: this.#jsonText(call.arguments, `${path}.arguments`, source),
    };
  }

  #result(fields: Fields, path: string, place: () => Place | undefined): MappedMessage {
    const name = optionalTextAt(fields.name, `${path}.name`);
    const id = optionalTextAt(fields.tool_call_id, `${path}.tool_call_id`);
    const called = id === undefined ? undefined : this.#called(id, path);
    const author = called ?? (name === undefined ? this.#lastCall : recipientNamed(name));
    if (author === undefined) {
      const message = "a tool's result names no tool, and no call stands before it";
      throw new RequestError("invalid_conversation", message, path);
    }
    const source = () => this.#placeOf(place(), ["content"]);
    const isText = typeof fields.content === "string" || Array.isArray(fields.content);
    const content = isText
      ? (contentAt(fields.content, `${path}.content`) ?? "")
      : this.#jsonText(fields.content, `${path}.content`, source);
    return { role: "tool", name: author, recipient: "assistant", channel: "commentary", content };
  }

  #called(id: string, path: string): string {
    const called = this.#calls.get(id);
    if (called !== undefined) return called;
    const message = `no call before it has the id ${JSON.stringify(id)}`;
    throw new RequestError("invalid_conversation", message, `${path}.tool_call_id`);
  }

  /** Text as it stands, anything else as its JSON. */
  #jsonText(value: unknown, path: string, source: () => Place | undefined): string {
    if (typeof value === "string") return value;
    const place = value === undefined || value === null ? undefined : source();
    if (!place) throw new RequestError("invalid_conversation", "expected text or JSON", path);
    return spacedAsPython(this.#text, place);
  }

  #placeOf(start: Place | undefined, steps: readonly (string | number)[]): Place | undefined {
    return steps.reduce<Place | undefined>((place, step) => {
      if (!place) return undefined;
      return typeof step === "string"
        ? memberOf(this.#text, place, step)
        : elementsOf(this.#text, place)[step];
    }, start);
  }
}

/** The places of the messages in the row's text, found when first asked for. */
export function messagePlaces(text: string, field: string): (index: number) => Place | undefined {
  let places: Place[] | undefined;
  return (index) => {
    if (!places) {
      const messages = memberOf(text, valueAt(text, 0), field);
      places = messages ? elementsOf(text, messages) : [];
    }
    return places[index];
  };
}

/** A function's recipient; a name with a dot says its namespace itself. */
function recipientNamed(name: string): string {
  return name.includes(".") ? name : `functions.${name}`;
}

function required(fields: Fields, path: string) {
  const content = contentAt(fields.content, `${path}.content`);
  if (content !== undefined) return content;
  throw new RequestError("invalid_conversation", "the message has no content", `${path}.content`);
}

function reasoningOf(fields: Fields, path: string): string | undefined {
  for (const field of REASONING) {
    const text = optionalTextAt(fields[field], `${path}.${field}`);
    if (text) return text;
  }
  return undefined;
}

function refusalOf(fields: Fields, path: string): string | undefined {
  return optionalTextAt(fields.refusal, `${path}.refusal`);
}

function isUntrained({ weight, train }: Fields): boolean {
  return weight === 0 || train === false;
}

function userMessage(fields: Fields, path: string): MappedMessage {
  const name = optionalTextAt(fields.name, `${path}.name`);
  const content = required(fields, path);
  return { role: "user", ...(name === undefined ? {} : { name }), content };
}

/** Refuses what would be left out without a word, or be taken for something else. */
function refuseLost({ audio, name, weight, train }: Fields, role: string, path: string): void {
  if (audio !== undefined && audio !== null) {
    const message = "audio has no tokens in the harmony format";
    throw new RequestError("unsupported_content", message, `${path}.audio`);
  }
  const isNamed = ["user", "tool", "function"].includes(role);
  if (!isNamed && name !== undefined && name !== null) {
    const message = `a name of role ${role} has no place in a harmony conversation`;
    throw new RequestError("invalid_conversation", message, `${path}.name`);
  }
  refuseOther(weight, [0, 1], `${path}.weight`);
  refuseOther(train, [false, true], `${path}.train`);
}

/** Refuses a value that is there and none of these. */
function refuseOther(value: unknown, among: readonly unknown[], path: string): void {
  if (value === undefined || value === null || among.includes(value)) return;
  const message = `expected ${among.join(" or ")}, got ${JSON.stringify(value)}`;
  throw new RequestError("invalid_conversation", message, path);
}
