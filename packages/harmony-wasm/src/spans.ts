/**
 * Rendering with spans: checks the options, and builds the spans from the
 * numbers that cross the boundary. Rust computes the positions.
 */

import {
  checkedFlag,
  checkedOptionalIndices,
  checkedOptions,
  checkedRole,
  described,
} from "./check/arguments.js";
import { SPAN_FIELDS } from "./generated/constants.js";
import type { BoundaryEncoding } from "./generated/glue.js";
import { type RenderConversationConfig, Role } from "./types.js";

/**
 * The place of a message among the ids, as half-open positions: its header is
 * `start` to `content_start`, its text `content_start` to `content_end`, its
 * terminator `content_end` to `end`.
 */
export interface MessageSpan {
  /** The message's index in the given conversation. */
  message: number;
  role: Role;
  channel?: string;
  recipient?: string;
  start: number;
  content_start: number;
  content_end: number;
  end: number;
}

/** Ids, and the place of each message among them. */
export interface RenderedConversation {
  tokens: Uint32Array;
  /** In order. A dropped message has none. */
  spans: MessageSpan[];
}

/** Options of `renderWithSpans`. */
export interface RenderWithSpansOptions {
  /** Which of upstream's three renders. Default `"conversation"`. */
  for?: "conversation" | "completion" | "training";
  /** The role of the next message. Required with `for: "completion"`, refused otherwise. */
  nextTurnRole?: Role;
  config?: RenderConversationConfig | null;
  /** Indices of the messages to render, as if the others did not exist. Default all. */
  messages?: Iterable<number>;
}

const PURPOSES = ["conversation", "completion", "training"];

/** The options as the boundary takes them. */
export function checkedSpansOptions(given: RenderWithSpansOptions | null | undefined) {
  const known = ["for", "nextTurnRole", "config", "messages"] as const;
  const options = checkedOptions<RenderWithSpansOptions>("options", given, known);
  const purpose = checkedPurpose(options.for ?? "conversation");
  const { auto_drop_analysis } = checkedOptions("options.config", options.config, [
    "auto_drop_analysis",
  ]);
  return {
    messages: checkedOptionalIndices("options.messages", options.messages),
    nextTurnRole: checkedNextTurnRole(purpose, options.nextTurnRole),
    training: purpose === "training",
    drop: checkedFlag("options.config.auto_drop_analysis", auto_drop_analysis, true),
  };
}

/** Which of upstream's renders. */
export function checkedPurpose(purpose: unknown): string {
  if (typeof purpose === "string" && PURPOSES.includes(purpose)) return purpose;
  throw new TypeError(
    `"options.for" expected "conversation", "completion" or "training", got ${described(purpose)}`,
  );
}

/** A role that would be ignored is refused: it is meant for a prompt. */
export function checkedNextTurnRole(purpose: string, role: Role | undefined) {
  if (purpose === "completion") return checkedRole("options.nextTurnRole", role);
  if (role === undefined) return undefined;
  throw new TypeError(
    `"options.nextTurnRole" expected options.for to be "completion", got "${purpose}"`,
  );
}

/** Numbers per span; a text is its index among the names, from 1. */
const FIELDS = Object.keys(SPAN_FIELDS).length;
/** In the order of upstream's `Role`, which is numbered. */
const ROLES = Object.values(Role);

/** @internal The spans of a render, or of several, as numbers and the names that they index. */
export class FlatSpans {
  readonly #numbers: Uint32Array;
  readonly #names: readonly string[];

  constructor(numbers: Uint32Array, names: readonly string[]) {
    this.#numbers = numbers;
    this.#names = names;
  }

  /** All of them. */
  all(): MessageSpan[] {
    return this.between(0, this.#numbers.length / FIELDS);
  }

  /** Those from one index up to another. */
  between(start: number, end: number): MessageSpan[] {
    const spans: MessageSpan[] = [];
    for (let at = start; at < end; at += 1) {
      spans.push(spanAt(this.#numbers, at * FIELDS, this.#names));
    }
    return spans;
  }
}

/** @internal Fetches the spans of the last render; keeps the names, which rarely change. */
export class SpanReader {
  #names: readonly string[] = [];

  take(encoding: BoundaryEncoding): FlatSpans {
    const numbers = encoding.take_span_numbers();
    const names = encoding.take_span_names();
    if (names !== undefined) this.#names = JSON.parse(names);
    return new FlatSpans(numbers, this.#names);
  }
}

/** Assignments cost a third of spreading; this function is a twentieth of rendering. */
function spanAt(numbers: Uint32Array, at: number, texts: readonly string[]): MessageSpan {
  const number = (field: number) => numbers[at + field] ?? 0;
  const span: MessageSpan = {
    message: number(SPAN_FIELDS.message),
    role: roleOf(number(SPAN_FIELDS.role)),
    start: number(SPAN_FIELDS.start),
    content_start: number(SPAN_FIELDS.content_start),
    content_end: number(SPAN_FIELDS.content_end),
    end: number(SPAN_FIELDS.end),
  };
  const channel = texts[number(SPAN_FIELDS.channel) - 1];
  const recipient = texts[number(SPAN_FIELDS.recipient) - 1];
  if (channel !== undefined) span.channel = channel;
  if (recipient !== undefined) span.recipient = recipient;
  return span;
}

function roleOf(number: number): Role {
  const role = ROLES[number];
  if (role === undefined) throw new TypeError(`there is no role ${number}`);
  return role;
}
