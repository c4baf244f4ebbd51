/**
 * Converts messages of Chat Completions to harmony's. An assistant message becomes its reasoning,
 * its text and its calls, one message each. The same rules hold for requests and for rows of
 * data; docs/chat-completions.md lists them.
 */

import { contentAt, joinedText, resultTextAt, type TextContent } from "../conversation/content.js";
import type { Draft, Origin } from "../conversation/draft.js";
import { channelOf, type ToolNames } from "../conversation/names.js";
import { meantArguments } from "../conversation/schemas.js";
import type { Source } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  kindOf,
  optionalTextAt,
  parsedAt,
  textAt,
} from "../json/fields.js";
import {
  elementsOf,
  memberOf,
  type Place,
  spacedAsPython,
  startOf,
  valueAt,
} from "../json/source.js";
import { textOf, treeOf } from "../json/tree.js";
import { checkResultHeader, filledText, headerOf, refuseHeader, userNameOf } from "./header.js";
import { type Omitted, reasoningOf } from "./reasoning.js";
import { type ThinkTagOptions, withoutThinkTags } from "./think-tags.js";

/** Whether a message is trained on: harmony-wasm's and Axolotl's names of it, and ms-swift's. */
const TRAIN_FLAGS = ["train", "training", "loss"] as const;

/** Options for reading messages. */
export interface MessageOptions extends ThinkTagOptions {
  /**
   * What the messages are of. In a request `<think>` is ordinary text, the parts of a content are
   * joined, an id decides before a name, and an answer without content can be sent back. A row is
   * refused where any of these is uncertain.
   */
  from: "request" | "row";
  /** Takes note of what is left out of a request. Absent: it is refused. */
  omitted?: Omitted;
}

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
    draft.path = path;
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

  get #isRequest(): boolean {
    return this.#options.from === "request";
  }

  /** Adds one message; `place` finds it in the text. */
  read(fields: Fields, path: string, place: () => Place | undefined): void {
    const role = textAt(fields.role, `${path}.role`);
    refuseLost(fields, path);
    // In a request a name is only a warning, because some clients name every message.
    if (!this.#isRequest) refuseName(fields, role, path);
    if (role === "system" || role === "developer") {
      refuseHeader(fields, path);
      this.#draft.addInstructions(joinedText(required(fields, path)));
    } else if (role === "user") this.#user(fields, path);
    else if (role === "assistant") this.#assistant(fields, path, place);
    else if (role === "tool" || role === "function") this.#result(fields, path, place);
    else {
      const message = `unknown role: expected system, developer, user, assistant or tool, got ${JSON.stringify(role)}`;
      throw new RequestError("unknown_role", message, `${path}.role`);
    }
  }

  #user(fields: Fields, path: string): void {
    refuseHeader(fields, path);
    const name = userNameOf(fields, path);
    const content = this.#oneText(required(fields, path));
    this.#draft.add({ role: "user", ...(name !== undefined && { name }), content });
  }

  #assistant(fields: Fields, path: string, place: () => Place | undefined): void {
    this.#draft.beginTurn();
    const calls = callsOf(fields, path);
    const said = this.#said(fields, path, calls.length > 0);
    const origin: Origin = {
      ids: calls.flatMap(({ id }) => id ?? []),
      train: fields.weight !== 0 && TRAIN_FLAGS.every((flag) => fields[flag] !== false),
    };
    const before = this.#draft.messages.length;
    if (said.reasoning) this.#draft.think(said.reasoning, origin);
    if (said.message) this.#draft.say(said.message, origin);
    for (const call of calls) this.#call(call, origin, place);
    if (this.#draft.messages.length > before) return;
    // This is how a turn is answered that ended before any text (chatCompletion), so it can be sent
    // back, by clients that leave out null too. A row would train on nothing.
    if (this.#isRequest) {
      this.#draft.say({ role: "assistant", channel: "final", content: "" }, origin);
      return;
    }
    const message = "an assistant's message has neither content nor reasoning nor tool_calls";
    throw new RequestError("invalid_conversation", message, path);
  }

  /** The reasoning and the text of a message, without its calls. */
  #said(fields: Fields, path: string, hasCalls: boolean) {
    const { reasoning: thought, content: rest } = reasoningOf(fields, path, this.#options.omitted);
    const given = contentOrRefusal(fields, contentAt(rest, `${path}.content`), path);
    const { think, content } = this.#withoutThink(given, `${path}.content`);
    if (thought && think && thought.trim() !== think) {
      const message = "expected one chain of thought, got different ones in a field and in tags";
      throw new RequestError("invalid_conversation", message, `${path}.content`);
    }
    const reasoning = thought || think;
    // An empty text beside calls is not a preamble.
    if (content === undefined || (content === "" && (reasoning || hasCalls))) return { reasoning };
    const header = headerOf(fields, path, this.#names);
    const channel = hasCalls ? "commentary" : "final";
    const text = this.#oneText(content);
    return {
      reasoning,
      message: { role: "assistant" as const, channel, ...header, content: text },
    };
  }

  /** Joins the parts of a request, as servers do. The parts of a row stay separate texts. */
  #oneText(content: TextContent): TextContent {
    return this.#isRequest ? joinedText(content) : content;
  }

  #withoutThink(
    content: TextContent | undefined,
    path: string,
  ): { think?: string; content: TextContent | undefined } {
    if (content === undefined || this.#isRequest) return { content };
    const given = joinedText(content);
    const untagged = withoutThinkTags(given, path, this.#options);
    return untagged.content === given ? { content } : untagged;
  }

  #call(call: CallFields, origin: Origin, place: () => Place | undefined): void {
    const { fields, path, id, type, steps, text = this.#text } = call;
    const name = textAt(fields.name, `${path}.name`);
    const start = () => (call.text === undefined ? place() : valueAt(call.text, 0));
    const source = () => {
      const at = placeOf(text, start(), steps);
      return at && { text, place: at };
    };
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
    source: () => Source | undefined,
  ): string {
    if (typeof value === "string") return value;
    if (value === null) return "{}";
    const found = isFields(value) ? source() : undefined;
    if (!found) {
      const message = `expected arguments, as text or as an object, got ${kindOf(value)}`;
      throw new RequestError("invalid_conversation", message, path);
    }
    const text = spacedAsPython(found.text, found.place);
    const schema = this.#names.toolOf(this.#names.recipientOf(name, path))?.parameters;
    if (schema === undefined || !text.includes("null")) return text;
    return textOf(meantArguments(treeOf(text), treeOf(schema)), "python");
  }

  #result(fields: Fields, path: string, place: () => Place | undefined): void {
    const id = idAt(fields.tool_call_id, `${path}.tool_call_id`);
    // Ollama's messages have tool_name.
    const field = isPresent(fields.name) && fields.name !== "" ? "name" : "tool_name";
    const at = `${path}.${field}`;
    const call = this.#draft.answeredCall(
      // An id decides in requests, where some clients name results otherwise.
      { id, name: this.#isRequest && id !== undefined ? undefined : filledText(fields[field], at) },
      { id: `${path}.tool_call_id`, name: at, result: path },
    );
    checkResultHeader(fields, path, channelOf(call.recipient));
    const text = resultTextAt(fields.content, `${path}.content`);
    const content = text ?? this.#jsonOf(fields.content, path, place);
    this.#draft.result(call, this.#oneText(content));
  }

  #jsonOf(content: unknown, path: string, place: () => Place | undefined): string {
    const at = isPresent(content) ? placeOf(this.#text, place(), ["content"]) : undefined;
    if (at) return spacedAsPython(this.#text, at);
    const message = "expected the tool's result as text or JSON, got nothing";
    throw new RequestError("invalid_conversation", message, `${path}.content`);
  }
}

function placeOf(
  text: string,
  start: Place | undefined,
  steps: readonly (string | number)[],
): Place | undefined {
  return steps.reduce<Place | undefined>((place, step) => {
    if (!place) return undefined;
    return typeof step === "string" ? memberOf(text, place, step) : elementsOf(text, place)[step];
  }, start);
}

/** An id. Data sets write numbers too, and empty text for none. */
function idAt(value: unknown, path: string): string | undefined {
  return typeof value === "number" ? String(value) : filledText(value, path);
}

/** Finds the places of the messages in the text, on the first use. */
function messagePlaces(text: string, field: string): (index: number) => Place | undefined {
  let places: Place[] | undefined;
  return (index) => {
    if (!places) {
      const messages = memberOf(text, startOf(text), field);
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
  /** From the message to the arguments, or from the text of the calls. */
  steps: (string | number)[];
  /** The JSON text of the calls, if it is a text of its own. */
  text?: string;
}

function callsOf(fields: Fields, path: string): CallFields[] {
  const called = filledCall(fields.function_call);
  if (!isPresent(fields.tool_calls) || fields.tool_calls === "") {
    if (!isPresent(called)) return [];
    const call = fieldsAt(called, `${path}.function_call`);
    const steps = ["function_call", "arguments"];
    const at = `${path}.function_call`;
    return [{ fields: call, path: at, id: undefined, type: "function", steps }];
  }
  if (isPresent(called)) {
    const message = "expected tool_calls or function_call, got both";
    throw new RequestError("invalid_conversation", message, `${path}.function_call`);
  }
  return toolCallsOf(fields, path);
}

/** A call. Some data sets fill the field with empty texts where there is none. */
function filledCall(call: unknown): unknown {
  const isEmpty =
    isFields(call) && Object.values(call).every((each) => !isPresent(each) || each === "");
  return isEmpty ? undefined : call;
}

/** The calls of a list, or of a list as JSON text. */
function toolCallsOf({ tool_calls: given }: Fields, path: string): CallFields[] {
  const at = `${path}.tool_calls`;
  const text = typeof given === "string" ? given : undefined;
  const list = arrayAt(text === undefined ? given : parsedAt(text, at), at);
  return list.map((call, index) => {
    const steps = text === undefined ? ["tool_calls", index] : [index];
    return { ...callAt(call, `${at}[${index}]`, steps), ...(text !== undefined && { text }) };
  });
}

function callAt(given: unknown, path: string, to: (string | number)[]): CallFields {
  const call = fieldsAt(given, path);
  const type = isFields(call.custom) ? "custom" : "function";
  const id = idAt(call.id, `${path}.id`);
  if (!isPresent(call[type])) return { fields: call, path, id, type, steps: [...to, "arguments"] };
  const fields = fieldsAt(call[type], `${path}.${type}`);
  return { fields, path: `${path}.${type}`, id, type, steps: [...to, type, "arguments"] };
}

/** What an assistant said: its content, or the refusal in its place. */
function contentOrRefusal(fields: Fields, content: TextContent | undefined, path: string) {
  const refusal = optionalTextAt(fields.refusal, `${path}.refusal`);
  if (!refusal) return content ?? refusal;
  const text = content === undefined ? "" : joinedText(content);
  if (text === "" || text === refusal) return refusal;
  const message = "expected content or a refusal, got different texts in both";
  throw new RequestError("invalid_conversation", message, `${path}.refusal`);
}

function required(fields: Fields, path: string) {
  const content = contentAt(fields.content, `${path}.content`);
  if (content !== undefined) return content;
  throw new RequestError("invalid_conversation", "the message has no content", `${path}.content`);
}

/** Refuses fields that would be lost silently or misread. */
function refuseLost(fields: Fields, path: string): void {
  if (isPresent(fields.audio)) {
    const message = "audio has no tokens in the harmony format";
    throw new RequestError("unsupported_content", message, `${path}.audio`);
  }
  refuseOther(fields.weight, [0, 1], `${path}.weight`);
  refuseOther(fields.train, [false, true], `${path}.train`);
  refuseOther(fields.training, [false, true], `${path}.training`);
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
