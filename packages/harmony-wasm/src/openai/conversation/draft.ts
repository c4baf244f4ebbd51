/**
 * A conversation while it is gathered from a request or a row: both protocols
 * add to one. It decides channels, recipients, content types and the pairing of
 * results; what the fields of a protocol mean is its reader's.
 */

import type { Message, toolNamespaces } from "../../index.js";
import { isFields } from "../json/fields.js";
import { type Call, Calls, type InOrder, inOrderOfArrival } from "./calls.js";
import { channelOf, type ToolNames } from "./names.js";

/** A harmony message that may say it is not to be trained on. */
export type MappedMessage = Message & { train?: boolean };

/** Knowledge of a message beyond the fields of harmony. */
export interface Origin {
  /** The ids that the request has for it. */
  ids?: readonly string[];
  encryptedContent?: string;
  /** False: not to be trained on. */
  train?: boolean;
}

/** A message with where it comes from. */
export interface DraftMessage {
  message: MappedMessage;
  ids: readonly string[];
  encryptedContent?: string;
  /** Where it is in the request or row. */
  path?: string;
  /** Which of the model's turns it is in; undefined for others' messages. */
  turn?: number;
}

/** A call as a protocol gives it. */
export interface DraftCall {
  name: string;
  namespace?: string | undefined;
  /** The arguments as text, or the input of a custom tool. */
  content: string;
  type: "function" | "custom";
  id?: string | undefined;
}

/** Harmony's content type of arguments; that of a custom tool's input is absent. */
const JSON_TYPE = "<|constrain|>json";
/** The tool whose calls are code, and their content type. */
const CODE_TOOL: keyof typeof toolNamespaces = "python";
const CODE_TYPE = "code";

/** Gathers messages in order. */
export class Draft {
  readonly #names: ToolNames;
  readonly #inOrder: InOrder;
  readonly #messages: DraftMessage[] = [];
  readonly #calls = new Calls();
  #results: { call: Call; message: MappedMessage; path?: string }[] = [];
  #turn = -1;
  #path: string | undefined;

  /** `inOrder` sorts the results of a turn. */
  constructor(names: ToolNames, inOrder: InOrder = inOrderOfArrival) {
    this.#names = names;
    this.#inOrder = inOrder;
  }

  /** The messages so far. */
  get messages(): readonly DraftMessage[] {
    this.#flushResults();
    return this.#messages;
  }

  /** Where the messages are that are added next. */
  set path(path: string) {
    this.#path = path;
  }

  /** Adds a message of the system, the developer or the user, or one in harmony's own shape. */
  add(message: MappedMessage): void {
    this.#flushResults();
    this.#messages.push({ message, ids: [], ...this.#place() });
  }

  /**
   * Adds a developer message of instructions. Empty ones make none, as in gpt-oss's
   * template.
   */
  addInstructions(instructions: string | undefined): void {
    if (!instructions) return;
    this.add({
      role: "developer",
      content: [{ type: "developer_content", instructions }],
    });
  }

  #place(): { path?: string } {
    return this.#path === undefined ? {} : { path: this.#path };
  }

  /** Begins a turn of the model: the messages added next were one completion. */
  beginTurn(): void {
    this.#turn += 1;
  }

  /** Adds a message of the model. */
  addTurn(message: MappedMessage, { ids = [], encryptedContent, train }: Origin): void {
    this.#flushResults();
    this.#messages.push({
      message: train === false ? { ...message, train } : message,
      ids,
      ...(encryptedContent !== undefined && { encryptedContent }),
      turn: this.#turn,
      ...this.#place(),
    });
  }

  /** Adds a text of the model, which may be addressed to a tool: then it is a call. */
  say(message: MappedMessage, origin: Origin): void {
    if (message.recipient) this.#calls.add(message.recipient, undefined, this.#turn, "");
    this.addTurn(message, origin);
  }

  /** Adds a thought. */
  think(content: string, origin: Origin): void {
    this.addTurn({ role: "assistant", channel: "analysis", content }, origin);
  }

  /** Adds a call; `path` is where it is in the request. */
  call({ name, namespace, content, type, id }: DraftCall, origin: Origin, path: string): void {
    const recipient = this.#names.recipientOf(name, `${path}.name`, namespace);
    this.#calls.add(recipient, id, this.#turn, path);
    const message: MappedMessage = {
      role: "assistant",
      channel: channelOf(recipient),
      recipient,
      ...(type === "function" && { content_type: contentTypeOf(recipient, content) }),
      content,
    };
    this.addTurn(message, origin);
  }

  /** Adds code for the python tool; it is not JSON. */
  runCode(recipient: string, content: string, origin: Origin): void {
    this.#calls.add(recipient, undefined, this.#turn, "");
    const channel = channelOf(recipient);
    this.addTurn(
      { role: "assistant", channel, recipient, content_type: CODE_TYPE, content },
      origin,
    );
  }

  /** The call that a result with this id or name answers. */
  answeredCall(
    {
      id,
      name,
      namespace,
    }: { id?: string | undefined; name?: string | undefined; namespace?: string | undefined },
    path: { id: string; name: string; result: string },
  ): Call {
    const recipient =
      name === undefined ? undefined : this.#names.recipientOf(name, path.name, namespace);
    if (id !== undefined) return this.#calls.withId(id, recipient, path);
    return recipient === undefined ? this.#calls.next(path.result) : this.#calls.ofTool(recipient);
  }

  /** Adds the result of a call. */
  result(call: Call, content: Message["content"]): void {
    const { recipient: name } = call;
    const message: MappedMessage = {
      role: "tool",
      name,
      recipient: "assistant",
      channel: channelOf(name),
      content,
    };
    this.#results.push({ call, message, ...this.#place() });
  }

  #flushResults(): void {
    const results = this.#inOrder(this.#results);
    this.#results = [];
    for (const { call: _, ...result } of results) this.#messages.push({ ...result, ids: [] });
  }
}

/** Chat Completions has the code of a built-in tool in the arguments of a function. */
function contentTypeOf(recipient: string, content: string): string {
  return recipient === CODE_TOOL && !isObjectText(content) ? CODE_TYPE : JSON_TYPE;
}

function isObjectText(text: string): boolean {
  try {
    return isFields(JSON.parse(text));
  } catch {
    return false;
  }
}
