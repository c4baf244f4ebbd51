/**
 * The parser behind every interface that tells events, strict or recovering:
 * it drives the boundary's and makes messages of what it tells. A strict one
 * fails after the events of the tokens before the failure have been told.
 */

import { checkedFlag, checkedOptionalRole, checkedToken, checkedTokens } from "./arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import type {
  ContentDeltaEvent,
  HarmonyEvent,
  MessageEndEvent,
  MessageStartEvent,
  RecoveredMessage,
  Stray,
} from "./events.js";
import type { BoundaryEventParser } from "./generated/glue.js";
import type { Native } from "./native.js";
import type { Message, Role, TokenInput } from "./types.js";

/** How a parser reads, and what comes before its tokens. */
export interface EventParserOptions {
  role?: Role | null;
  recover?: boolean;
  prefix?: TokenInput;
}

/** An event as the boundary writes it: the message of an end is made here. */
type BoundaryEvent =
  | MessageStartEvent
  | ContentDeltaEvent
  | (Omit<MessageEndEvent, "message"> & { message?: never })
  | { type: "stray"; start: number; end: number; tokens: number[]; text: string };

/** What waits in the boundary's parser: its lowest bits, and the length above them. */
const KIND = 3;
const NOTHING = 0;
const DELTA = 1;
const FAILURE = 3;
const LENGTH = 2;

/** A parser of one completion; the arrays that it shows grow. */
export class EventParser {
  readonly messages: RecoveredMessage[] = [];
  readonly strays: Stray[] = [];
  readonly #native: Native;
  readonly #parser: BoundaryEventParser;
  #failed = false;
  #header: MessageStartEvent | undefined;
  #content = "";

  constructor(encoding: HarmonyEncoding, options: EventParserOptions) {
    this.#native = HarmonyEncoding.nativeOf(encoding);
    const role = checkedOptionalRole("role", options.role);
    const prefix = checkedTokens("options.prefix", options.prefix ?? []);
    const recovers = checkedFlag("options.recover", options.recover, true);
    this.#parser = this.#native.createEventParser(recovers, role, prefix);
  }

  /** What tokens tell. After a failure of a strict parser, nothing. */
  push(tokens: number | TokenInput): HarmonyEvent[] {
    if (typeof tokens === "number") {
      const token = checkedToken("tokens", tokens);
      return this.#told((parser) => parser.push_one(token));
    }
    const ids = checkedTokens("tokens", tokens);
    return this.#told((parser) => parser.push(ids));
  }

  /** What the end of the completion tells. */
  end(): HarmonyEvent[] {
    return this.#told((parser) => parser.end());
  }

  /** Throws the failure of the last call, if it failed. */
  check(): void {
    if (!this.#failed) return;
    this.#failed = false;
    this.#native.callEventParser(this.#parser, (parser) => parser.fail());
  }

  free(): void {
    if (!this.#native.isLost) this.#parser.free();
  }

  #told(operation: (parser: BoundaryEventParser) => number): HarmonyEvent[] {
    const waiting = this.#native.callEventParser(this.#parser, operation);
    const kind = waiting & KIND;
    if (kind === NOTHING) return [];
    if (kind === DELTA) {
      return [this.#delta(this.#native.textAt(this.#parser.delta(), waiting >>> LENGTH))];
    }
    this.#failed = kind === FAILURE;
    const json = this.#native.callEventParser(this.#parser, (parser) => parser.events());
    const events: BoundaryEvent[] = JSON.parse(json);
    return events.map((event) => this.#taken(event));
  }

  #delta(delta: string): ContentDeltaEvent {
    this.#content += delta;
    return { type: "content-delta", index: this.messages.length, delta };
  }

  #taken(event: BoundaryEvent): HarmonyEvent {
    switch (event.type) {
      case "message-start":
        this.#header = event;
        return event;
      case "content-delta":
        return this.#delta(event.delta);
      case "message-end":
        return this.#ended(event);
      case "stray": {
        const stray = { ...event, tokens: Uint32Array.from(event.tokens) };
        this.strays.push(withoutType(stray));
        return stray;
      }
    }
  }

  #ended(event: Omit<MessageEndEvent, "message">): MessageEndEvent {
    const message = Object.freeze(messageOf(this.#header, this.#content));
    this.#content = "";
    const { type, index, ...rest } = event;
    this.messages.push({ message, ...rest });
    return { type, index, message, ...rest };
  }
}

function withoutType({ start, end, tokens, text }: Stray): Stray {
  return { start, end, tokens, text };
}

/** In the order of upstream's JSON. */
function messageOf(header: MessageStartEvent | undefined, content: string): Message {
  if (!header) throw new TypeError("a message ended that had not begun");
  const { role, name, recipient, channel, content_type } = header;
  return {
    role,
    ...(name !== undefined && { name }),
    ...(recipient !== undefined && { recipient }),
    content,
    ...(channel !== undefined && { channel }),
    ...(content_type !== undefined && { content_type }),
  };
}
