/**
 * The parser behind every interface that emits events, strict or recovering. It
 * drives the boundary's parser and builds messages from its events. A strict
 * parser emits the events before a failure, and then fails.
 */

import {
  checkedFlag,
  checkedOptionalRole,
  checkedToken,
  checkedTokens,
  checkedTools,
} from "../check/arguments.js";
import { HarmonyEncoding } from "../encoding.js";
import type {
  ContentDeltaEvent,
  HarmonyEvent,
  MessageEndEvent,
  MessageStartEvent,
  RecoveredMessage,
  Stray,
} from "../events.js";
import { PENDING } from "../generated/constants.js";
import type { BoundaryEventParser } from "../generated/glue.js";
import type { WasmInstance } from "../instance.js";
import type { ParsedMessage, Role, TokenInput } from "../types.js";

/** Options of all event parsers. */
export interface EventParserOptions {
  role?: Role | null;
  recover?: boolean;
  prefix?: TokenInput;
  tools?: readonly string[] | null;
}

/** An event from the boundary: message-end has no message yet; it is built here. */
type BoundaryEvent =
  | MessageStartEvent
  | ContentDeltaEvent
  | (Omit<MessageEndEvent, "message"> & { message?: never })
  | { type: "stray"; start: number; end: number; tokens: number[]; text: string };

/** A call returns the kind of the pending event in its lowest bits, a delta's length above them. */
const { NOTHING, DELTA, FAILURE, BITS } = PENDING;
const KIND = 2 ** BITS - 1;

/** Parses one completion; its arrays grow. */
export class EventParser {
  readonly messages: RecoveredMessage[] = [];
  readonly strays: Stray[] = [];
  readonly #instance: WasmInstance;
  readonly #parser: BoundaryEventParser;
  #failed = false;
  #isFreed = false;
  #header: MessageStartEvent | undefined;
  #content = "";

  constructor(encoding: HarmonyEncoding, options: EventParserOptions) {
    this.#instance = HarmonyEncoding.instanceOf(encoding);
    const role = checkedOptionalRole("role", options.role);
    const prefix = checkedTokens("options.prefix", options.prefix ?? []);
    const tools = checkedTools("options.tools", options.tools);
    const recovers = checkedFlag("options.recover", options.recover, true);
    this.#parser = this.#instance.createEventParser(recovers, role, prefix, tools);
  }

  /** Consumes tokens and returns their events; none after a strict parser has failed. */
  push(tokens: number | TokenInput): HarmonyEvent[] {
    if (typeof tokens === "number") {
      const token = checkedToken("tokens", tokens);
      return this.#eventsOf((parser) => parser.push_one(token));
    }
    const ids = checkedTokens("tokens", tokens);
    return this.#eventsOf((parser) => parser.push(ids));
  }

  /** Ends the completion and returns the remaining events. */
  end(): HarmonyEvent[] {
    return this.#eventsOf((parser) => parser.end());
  }

  /** Throws the failure of the last call, if there was one. */
  check(): void {
    if (!this.#failed) return;
    this.#failed = false;
    this.#instance.callEventParser(this.#parser, (parser) => parser.fail());
  }

  /** May be called again, also by an iterable whose tokens are being read. */
  free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    if (!this.#instance.isLost) this.#parser.free();
  }

  #eventsOf(operation: (parser: BoundaryEventParser) => number): HarmonyEvent[] {
    if (this.#isFreed) throw new TypeError("this parser was disposed of by its own tokens");
    const pending = this.#instance.callEventParser(this.#parser, operation);
    const kind = pending & KIND;
    if (kind === NOTHING) return [];
    if (kind === DELTA) {
      return [this.#delta(this.#instance.textAt(this.#parser.delta(), pending >>> BITS))];
    }
    this.#failed = kind === FAILURE;
    const json = this.#instance.callEventParser(this.#parser, (parser) => parser.events());
    const events: BoundaryEvent[] = JSON.parse(json);
    return events.map((event) => this.#record(event));
  }

  #delta(delta: string): ContentDeltaEvent {
    this.#content += delta;
    return { type: "content-delta", index: this.messages.length, delta };
  }

  #record(event: BoundaryEvent): HarmonyEvent {
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

/** The fields are in the order of upstream's JSON. */
function messageOf(header: MessageStartEvent | undefined, content: string): ParsedMessage {
  if (!header) throw new TypeError("a message ended before it started");
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
