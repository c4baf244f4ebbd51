/**
 * Converts messages of Chat Completions to harmony's. An assistant message becomes its reasoning,
 * its text and its calls, one message each. The same rules hold for requests and for rows of
 * data; docs/chat-completions.md lists them.
 */

import { instructionsMessage } from "../conversation/assemble.js";
import { contentAt, joinedText, resultTextAt, type TextContent } from "../conversation/content.js";
import type { Draft, Origin } from "../conversation/draft.js";
import type { ToolNames } from "../conversation/names.js";
import { meantArguments } from "../conversation/schemas.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalTextAt,
  parsedAt,
  textAt,
} from "../json/fields.js";
import { elementsOf, memberOf, type Place, spacedAsPython, valueAt } from "../json/source.js";
import { textOf, treeOf } from "../json/tree.js";
import { reasoningOf } from "./reasoning.js";

/** Options for reading messages. */
export interface MessageOptions {
  /** Read a leading `<think>…</think>` of an assistant's text as its reasoning. Default: refuse it. */
  thinkTags?: boolean;
  /** True for requests: `<think>` is ordinary text, and the parts of a content are joined. */
  textIsText?: boolean;
}

/** Fields of harmony's own messages that a chat row may carry. */
const HARMONY_FIELDS = ["channel", "recipient", "content_type"] as const;
const THINK = /^\s*<think>([\s\S]*?)<\/think>\s*/;

/** Reads the messages of one request or row into a draft. `text` is the JSON text that they are in. */
export function readMessages(
  text: string,
  messages: readonly unknown[],
  draft: Draft,
  names: ToolNames,
  options: MessageOptions,
): void {
  const reader = new MessageReader(text, draft, names, options);
  const places = messagePlaces(text, "messages");
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    reader.read(fieldsAt(message, path), path, () => places(index));
  });
}

class MessageReader {
  readonly #text: string;
  readonly #draft: Draft;
  readonly #names: ToolNames;
  readonly #options: MessageOptions;

  /** `text` is the JSON text, from which arguments given as objects are copied. */
  constructor(text: string, draft: Draft, names: ToolNames, options: MessageOptions) {
    this.#text = text;
    this.#draft = draft;
    this.#names = names;
    this.#options = options;
  }

  /** Adds one message; `place` finds it in the text. */
  read(fields: Fields, path: string, place: () => Place | undefined): void {
    const role = textAt(fields.role, `${path}.role`);
    refuseLost(fields, path);
    // In a request a name is only a warning, because some clients name every message.
    if (!this.#options.textIsText) refuseName(fields, role, path);
    if (role === "system" || role === "developer") {
      refuseHarmonyFields(fields, path);
      this.#draft.add(instructionsMessage(joinedText(required(fields, path))));
    } else if (role === "user") this.#user(fields, path);
    else if (role === "assistant") this.#assistant(fields, path, place);
    else if (role === "tool" || role === "function") this.#result(fields, path, place);
    else throw new RequestError("unknown_role", `unknown role: ${role}`, `${path}.role`);
  }

  #user(fields: Fields, path: string): void {
    refuseHarmonyFields(fields, path);
    const name = optionalTextAt(fields.name, `${path}.name`);
    const content = this.#oneText(required(fields, path));
    this.#draft.add({ role: "user", ...(name !== undefined && { name }), content });
  }

  #assistant(fields: Fields, path: string, place: () => Place | undefined): void {
    this.#draft.beginTurn();
    const calls = callsOf(fields, path);
    const said = this.#said(fields, path, calls.length > 0);
    const origin: Origin = {
      ids: calls.flatMap(({ id }) => id ?? []),
      train: !(fields.weight === 0 || fields.train === false),
    };
    const before = this.#draft.messages.length;
    if (said.reasoning) this.#draft.think(said.reasoning, origin);
    if (said.message) this.#draft.addTurn(said.message, origin);
    for (const call of calls) this.#call(call, origin, place);
    if (this.#draft.messages.length > before) return;
    const message = "an assistant's message has neither content nor reasoning nor tool_calls";
    throw new RequestError("invalid_conversation", message, path);
  }

  /** The reasoning and the text of a message, without its calls. */
  #said(fields: Fields, path: string, hasCalls: boolean) {
    const { reasoning: thought, content: rest } = reasoningOf(fields, path);
    const refusal = optionalTextAt(fields.refusal, `${path}.refusal`);
    const given = contentAt(rest, `${path}.content`) ?? refusal;
    const { think, content } = this.#withoutThink(given, `${path}.content`);
    const reasoning = thought || think;
    // An empty text beside calls is not a preamble.
    if (content === undefined || (content === "" && (reasoning || hasCalls))) return { reasoning };
    const header = harmonyHeader(fields, path);
    const channel = hasCalls ? "commentary" : "final";
    const text = this.#oneText(content);
    return {
      reasoning,
      message: { role: "assistant" as const, channel, ...header, content: text },
    };
  }

  /** Joins the parts of a request, as servers do. The parts of a row stay separate texts. */
  #oneText(content: TextContent): TextContent {
    return this.#options.textIsText ? joinedText(content) : content;
  }

  #withoutThink(content: TextContent | undefined, path: string) {
    const found = content === undefined ? null : THINK.exec(joinedText(content));
    if (!found || content === undefined || this.#options.textIsText) return { content };
    if (!this.#options.thinkTags) {
      const message =
        "the text begins with <think>: say --think-tags (thinkTags) to read that as reasoning";
      throw new RequestError("unsupported_content", message, path);
    }
    return { think: found[1]?.trim(), content: joinedText(content).slice(found[0].length) };
  }

  #call(call: CallFields, origin: Origin, place: () => Place | undefined): void {
    const { fields, path, id, type, steps } = call;
    const name = textAt(fields.name, `${path}.name`);
    const source = () => this.#placeOf(place(), steps);
    const content =
      type === "custom"
        ? textAt(fields.input, `${path}.input`)
        : this.#argumentsOf(fields.arguments, name, `${path}.arguments`, source);
    this.#draft.call({ name, content, type, id }, origin, path);
  }

  /** Text stays as it is, an object is written as Python does, and null is `{}`. */
  #argumentsOf(
    value: unknown,
    name: string,
    path: string,
    source: () => Place | undefined,
  ): string {
    if (typeof value === "string") return value;
    if (value === null) return "{}";
    const place = value === undefined ? undefined : source();
    if (!place) {
      const message = "expected arguments, as text or as an object";
      throw new RequestError("invalid_conversation", message, path);
    }
    const text = spacedAsPython(this.#text, place);
    const schema = this.#names.toolOf(this.#names.recipientOf(name, path))?.parameters;
    if (schema === undefined || !text.includes("null")) return text;
    return textOf(meantArguments(treeOf(text), treeOf(schema)), "python");
  }

  #result(fields: Fields, path: string, place: () => Place | undefined): void {
    const call = this.#draft.answeredCall(
      {
        id: optionalTextAt(fields.tool_call_id, `${path}.tool_call_id`),
        name: optionalTextAt(fields.name, `${path}.name`),
      },
      { id: `${path}.tool_call_id`, name: `${path}.name`, result: path },
    );
    refuseOther(fields.recipient, ["assistant"], `${path}.recipient`);
    const text = resultTextAt(fields.content, `${path}.content`);
    const content = text ?? this.#jsonOf(fields.content, path, place);
    this.#draft.result(call, this.#oneText(content));
  }

  #jsonOf(content: unknown, path: string, place: () => Place | undefined): string {
    const at = isPresent(content) ? this.#placeOf(place(), ["content"]) : undefined;
    if (at) return spacedAsPython(this.#text, at);
    const message = "expected the tool's result as text or JSON, got nothing";
    throw new RequestError("invalid_conversation", message, `${path}.content`);
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

/** Finds the places of the messages in the text, on the first use. */
function messagePlaces(text: string, field: string): (index: number) => Place | undefined {
  let places: Place[] | undefined;
  return (index) => {
    if (!places) {
      const messages = memberOf(text, valueAt(text, 0), field);
      places = messages ? elementsOf(text, messages) : [];
    }
    return places[index];
  };
}

interface CallFields {
  fields: Fields;
  path: string;
  id: string | undefined;
  type: "function" | "custom";
  /** From the message to the arguments. */
  steps: (string | number)[];
}

function callsOf(fields: Fields, path: string): CallFields[] {
  if (isPresent(fields.tool_calls)) {
    const given =
      typeof fields.tool_calls === "string"
        ? parsedAt(fields.tool_calls, `${path}.tool_calls`)
        : fields.tool_calls;
    return arrayAt(given, `${path}.tool_calls`).map((call, index) =>
      callAt(call, `${path}.tool_calls[${index}]`, ["tool_calls", index]),
    );
  }
  if (!isPresent(fields.function_call)) return [];
  const call = fieldsAt(fields.function_call, `${path}.function_call`);
  const steps = ["function_call", "arguments"];
  return [{ fields: call, path: `${path}.function_call`, id: undefined, type: "function", steps }];
}

function callAt(given: unknown, path: string, to: (string | number)[]): CallFields {
  const call = fieldsAt(given, path);
  const type = isFields(call.custom) ? "custom" : "function";
  const id = optionalTextAt(call.id, `${path}.id`);
  if (!isPresent(call[type])) return { fields: call, path, id, type, steps: [...to, "arguments"] };
  const fields = fieldsAt(call[type], `${path}.${type}`);
  return { fields, path: `${path}.${type}`, id, type, steps: [...to, type, "arguments"] };
}

function required(fields: Fields, path: string) {
  const content = contentAt(fields.content, `${path}.content`);
  if (content !== undefined) return content;
  throw new RequestError("invalid_conversation", "the message has no content", `${path}.content`);
}

/** The header fields of harmony that an assistant's message has. */
function harmonyHeader(fields: Fields, path: string) {
  const given = HARMONY_FIELDS.filter((field) => isPresent(fields[field]));
  return Object.fromEntries(
    given.map((field) => [field, textAt(fields[field], `${path}.${field}`)]),
  );
}

/** Refuses harmony's header fields on a message whose header follows from its role. */
function refuseHarmonyFields(fields: Fields, path: string): void {
  const field = HARMONY_FIELDS.find((name) => isPresent(fields[name]));
  if (field === undefined) return;
  const message = `a ${field} belongs to an assistant's message`;
  throw new RequestError("invalid_conversation", message, `${path}.${field}`);
}

/** Refuses fields that would be lost silently or misread. */
function refuseLost({ audio, weight, train }: Fields, path: string): void {
  if (isPresent(audio)) {
    const message = "audio has no tokens in the harmony format";
    throw new RequestError("unsupported_content", message, `${path}.audio`);
  }
  refuseOther(weight, [0, 1], `${path}.weight`);
  refuseOther(train, [false, true], `${path}.train`);
}

function refuseName({ name }: Fields, role: string, path: string): void {
  if (!isPresent(name) || ["user", "tool", "function"].includes(role)) return;
  const message = `a name of role ${role} has no place in a harmony conversation`;
  throw new RequestError("invalid_conversation", message, `${path}.name`);
}

/** Refuses a value other than these. */
function refuseOther(value: unknown, among: readonly unknown[], path: string): void {
  if (!isPresent(value) || among.includes(value)) return;
  const message = `expected ${among.join(" or ")}, got ${JSON.stringify(value)}`;
  throw new RequestError("invalid_conversation", message, path);
}
