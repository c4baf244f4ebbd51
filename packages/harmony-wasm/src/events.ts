/**
 * The events of a completion, and the results of recovery. Positions count
 * tokens of the completion; `start` and `end` are half-open. Types only.
 */

import type { REPAIR_CODES } from "./generated/constants.js";
import type { ParsedMessage, Role } from "./types.js";

/**
 * The kinds of repairs. Names are stable; later versions may add more.
 * docs/recovery.md describes each.
 */
export type RepairCode = (typeof REPAIR_CODES)[number];

/** A guess that recovery made. */
export interface Repair {
  /** The kind of guess. */
  readonly code: RepairCode;
  /** The position of the token at which it was made. */
  readonly index: number;
  /** A sentence for people. */
  readonly note: string;
}

/** A message with its token span and the guesses made about it. */
export interface RecoveredMessage {
  /** The message, without markup. */
  readonly message: ParsedMessage;
  /** The position of its first token, header included. */
  readonly start: number;
  /** The position after its last token, terminator included. */
  readonly end: number;
  /** The stop token that ended it, if any. */
  readonly terminator?: number;
  /** Empty for a well-formed message. */
  readonly repairs: readonly Repair[];
}

/** Tokens between messages that carry no content: a second stop token, whitespace. */
export interface Stray {
  readonly start: number;
  readonly end: number;
  readonly tokens: Uint32Array;
  /** Their text, with U+FFFD for bytes that are not UTF-8. */
  readonly text: string;
}

/** A recovered completion. */
export interface Recovered {
  messages: RecoveredMessage[];
  strays: Stray[];
}

/** A message's header is complete; its content follows. */
export interface MessageStartEvent {
  readonly type: "message-start";
  /** The index of the message, from 0. */
  readonly index: number;
  readonly role: Role;
  readonly name?: string;
  readonly channel?: string;
  readonly recipient?: string;
  readonly content_type?: string;
}

/** More content of a message: whole characters, never empty. */
export interface ContentDeltaEvent {
  readonly type: "content-delta";
  readonly index: number;
  readonly delta: string;
}

/** A message is complete. */
export interface MessageEndEvent extends RecoveredMessage {
  readonly type: "message-end";
  readonly index: number;
}

/** Tokens between two messages, emitted before the second. */
export interface StrayEvent extends Stray {
  readonly type: "stray";
}

/** An event of a completion. */
export type HarmonyEvent = MessageStartEvent | ContentDeltaEvent | MessageEndEvent | StrayEvent;

/** A message parsed from text. */
export interface TextMessage {
  message: ParsedMessage;
  /** Whether all special tokens were present, so nothing was guessed. */
  certain: boolean;
}
