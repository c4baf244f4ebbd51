/**
 * What a completion tells while it is sampled, and what recovery says about
 * it. Positions count tokens of the completion; `start` and `end` are half-open.
 * This module promises types; it has no functions.
 */

import type { REPAIR_CODES } from "./generated/constants.js";
import type { ParsedMessage, Role } from "./types.js";

/**
 * Kinds of repairs. The names are stable; a later version may have more.
 * docs/recovery.md says what each is.
 */
export type RepairCode = (typeof REPAIR_CODES)[number];

/** One thing that recovery had to guess. */
export interface Repair {
  /** What kind. */
  readonly code: RepairCode;
  /** The position of the token where it was made. */
  readonly index: number;
  /** A sentence for people. */
  readonly note: string;
}

/** A message with its raw token span, and what had to be guessed. */
export interface RecoveredMessage {
  /** The message, clean. */
  readonly message: ParsedMessage;
  /** Where its tokens start, its header included. */
  readonly start: number;
  /** Where they end, its terminator included. */
  readonly end: number;
  /** The stop token that ended it, if one did. */
  readonly terminator?: number;
  /** Empty for a message that is well formed. */
  readonly repairs: readonly Repair[];
}

/** Tokens between messages that say nothing: a second stop token, whitespace. */
export interface Stray {
  readonly start: number;
  readonly end: number;
  readonly tokens: Uint32Array;
  /** Their text, with U+FFFD for what is none. */
  readonly text: string;
}

/** A whole completion, recovered. */
export interface Recovered {
  messages: RecoveredMessage[];
  strays: Stray[];
}

/** A message's header is known: its content follows. */
export interface MessageStartEvent {
  readonly type: "message-start";
  /** Which message, counted from 0. */
  readonly index: number;
  readonly role: Role;
  readonly name?: string;
  readonly channel?: string;
  readonly recipient?: string;
  readonly content_type?: string;
}

/** More of a message's content: whole characters, never an empty text. */
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

/** What lies between two messages, told before the second. */
export interface StrayEvent extends Stray {
  readonly type: "stray";
}

/** What a completion tells, in order. */
export type HarmonyEvent = MessageStartEvent | ContentDeltaEvent | MessageEndEvent | StrayEvent;

/** A message of a text without token ids. */
export interface TextMessage {
  message: ParsedMessage;
  /** Whether its special tokens were all there, so that nothing was guessed. */
  certain: boolean;
}
