/**
 * A constraint with the headers of the messages that it allows. This module
 * promises headers that the renderer itself writes, in both orders that the
 * models were trained on; how an engine is held to them is in a module for each.
 */

import type { Channel, HarmonyEncoding, Message } from "../../index.js";
import type { Constraint } from "../types.js";

/** A piece of the completion's markup: the same as text and as ids. */
export interface Markup {
  text: string;
  tokens: readonly number[];
}

/** What a message may hold. */
export type MessageContent =
  | { type: "text" }
  | { type: "json" /** As JSON text. */; schema: string }
  | { type: "regex"; pattern: string };

/** A constraint as engines need it. */
export interface MessageConstraint extends Constraint {
  /** Messages of free text that may come first, in this order, each once: up to the next one's header. */
  before: readonly { header: Markup; end: Markup }[];
  /** The messages that the turn may end with: one of them, up to its stop token. */
  last: readonly { header: Markup; content: MessageContent }[];
}

/** What the renderer writes for a message without content. */
type Header = Pick<Message, "channel" | "recipient" | "content_type">;

const JSON_TYPE = "<|constrain|>json";
const ANY_OBJECT = '{"type":"object"}';
const FREE: MessageContent = { type: "text" };

/** The constraint with its headers. */
export function messageConstraint(
  encoding: HarmonyEncoding,
  constraint: Constraint,
): MessageConstraint {
  const headers = new Headers(encoding);
  const { answer, calls = [], mustCall } = constraint;
  const isJson = answer !== undefined;
  const texts = mustCall ? [] : headers.answers(isJson);
  const schema = answer?.type === "json_schema" ? answer.schema : ANY_OBJECT;
  const content: MessageContent = isJson ? { type: "json", schema } : FREE;
  // A preamble before an answer in JSON would be part of the answer's text.
  const channels: Channel[] =
    isJson && calls.length === 0 ? ["analysis"] : ["analysis", "commentary"];
  return {
    ...constraint,
    before: channels.map((channel) => ({
      header: headers.of({ channel }),
      end: headers.between(channel),
    })),
    last: [
      ...texts.map((header) => ({ header, content })),
      ...calls.flatMap((call) =>
        headers
          .calls(call.recipient, call.type === "function")
          .map((header) => ({ header, content: contentOf(call) })),
      ),
    ],
  };
}

function contentOf({
  type,
  schema,
  format,
}: NonNullable<Constraint["calls"]>[number]): MessageContent {
  if (type === "function") return { type: "json", schema: schema ?? ANY_OBJECT };
  return format?.syntax === "regex" ? { type: "regex", pattern: format.definition } : FREE;
}

/** Whether an engine without the syntax of the format leaves it free. */
export function leavesFree({ calls = [] }: Constraint, known: readonly string[]): boolean {
  return calls.some(({ format }) => format !== undefined && !known.includes(format.syntax));
}

/** Headers, cut out of what the renderer writes. */
class Headers {
  readonly #encoding: HarmonyEncoding;
  /** What a prompt ends with: the part of a header that is not sampled. */
  readonly #start: string;

  constructor(encoding: HarmonyEncoding) {
    this.#encoding = encoding;
    const prompt = encoding.renderConversationForCompletion({ messages: [] }, "assistant");
    this.#start = encoding.decodeUtf8(prompt);
  }

  of(message: Header): Markup {
    return this.#markup(this.#text(message));
  }

  /** An answer's: with the type of JSON or without, as models write both. */
  answers(isJson: boolean): Markup[] {
    const plain: Header = { channel: "final" };
    return isJson
      ? [this.of(plain), this.of({ ...plain, content_type: JSON_TYPE })]
      : [this.of(plain)];
  }

  /** A call's: the renderer writes the recipient before the channel, the models mostly after it. */
  calls(recipient: string, isJson: boolean): Markup[] {
    const type = isJson ? { content_type: JSON_TYPE } : {};
    const channel: Channel = "commentary";
    const whole = this.#text({ channel, recipient, ...type });
    const rest = this.#text({ channel, ...type });
    const named = whole.slice(0, whole.length - rest.length);
    const shared = sharedStart(
      this.#text({ channel }),
      this.#text({ channel, content_type: JSON_TYPE }),
    );
    return [shared + named + rest.slice(shared.length), whole].map((text) => this.#markup(text));
  }

  /** From the end of a message to the header of the next one. */
  between(channel: Channel): Markup {
    return this.#markup(this.#rendered({ channel }).end + this.#start);
  }

  #text(message: Header): string {
    return this.#rendered(message).header;
  }

  /** A message without content: its header, and the one id that ends it. */
  #rendered(message: Header): { header: string; end: string } {
    const tokens = this.#encoding.render({ role: "assistant", content: "", ...message });
    const text = (ids: Uint32Array) => this.#encoding.decodeUtf8(ids);
    const header = text(tokens.subarray(0, -1)).slice(this.#start.length);
    return { header, end: text(tokens.subarray(-1)) };
  }

  #markup(text: string): Markup {
    return { text, tokens: Array.from(this.#encoding.encode(text, { allowedSpecial: "all" })) };
  }
}

function sharedStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
