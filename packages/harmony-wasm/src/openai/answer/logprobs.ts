/**
 * The log probabilities of a text's tokens, delta by delta. The tokens of headers have no place in
 * an answer, and a delta can be made of several tokens, or wait for a stop text.
 */

import type { HarmonyEncoding } from "../../index.js";
import type { TokenLogprob } from "../types.js";

/** A token as both protocols write it. */
export interface WrittenLogprob {
  token: string;
  bytes: number[];
  logprob: number;
  top_logprobs: { token: string; bytes: number[]; logprob: number }[];
}

/** What OpenAI writes for a token that is next to impossible; JSON has no infinity. */
const IMPOSSIBLE = -9999;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A token of a text that has not been handed out yet, and how many bytes it has. */
interface Waiting {
  entry: TokenLogprob;
  size: number;
}

/** Finds the tokens of each delta. A token goes with the delta that has its last byte. */
export class DeltaLogprobs {
  readonly #encoding: HarmonyEncoding;
  /** Sampled since the last delta. */
  #pending: TokenLogprob[] = [];
  #waiting: Waiting[] = [];
  /** Bytes handed out, less those of the tokens handed out. */
  #room = 0;
  /** Whether no delta of the message has been added: the pending tokens may be its header's. */
  #isFresh = true;

  constructor(encoding: HarmonyEncoding) {
    this.#encoding = encoding;
  }

  /** Adds a sampled token. */
  sampled(entry: TokenLogprob): void {
    this.#pending.push(entry);
  }

  /** A message starts. */
  start(): void {
    this.#waiting = [];
    this.#room = 0;
    this.#isFresh = true;
  }

  /** All that a token says has been read: a header ends before the next one. */
  settle(): void {
    if (this.#isFresh) this.#pending = [];
    this.#isFresh = false;
  }

  /** Adds text of the message, which pending tokens spell. */
  add(delta: string): void {
    const [from, to] = this.#isFresh ? this.#spelling(delta) : [0, this.#pending.length];
    for (const entry of this.#pending.slice(from, to)) {
      this.#waiting.push({ entry, size: this.#bytesOf(entry).length });
    }
    this.#pending = this.#pending.slice(to);
    this.#isFresh = false;
  }

  /** The tokens of text that is handed out: all or part of the text added. */
  take(text: string): TokenLogprob[] {
    this.#room += utf8.encode(text).length;
    let count = 0;
    for (const { size } of this.#waiting) {
      if (size > this.#room) break;
      this.#room -= size;
      count += 1;
    }
    return this.#waiting.splice(0, count).map(({ entry }) => entry);
  }

  /** Where the text is among the pending tokens; the last of several places. */
  #spelling(text: string): [from: number, to: number] {
    const bytes = utf8.encode(text);
    for (let from = this.#pending.length - 1; from >= 0; from -= 1) {
      const to = this.#endOf(bytes, from);
      if (to !== undefined) return [from, to];
    }
    return [this.#pending.length, this.#pending.length];
  }

  #endOf(bytes: Uint8Array, from: number): number | undefined {
    let at = 0;
    for (let to = from; to < this.#pending.length; to += 1) {
      const entry = this.#pending[to];
      for (const byte of entry ? this.#bytesOf(entry) : []) {
        if (at < bytes.length && byte !== bytes[at]) return undefined;
        at += 1;
      }
      if (at >= bytes.length) return to + 1;
    }
    return undefined;
  }

  #bytesOf({ token }: TokenLogprob): Uint8Array {
    return bytesOf(this.#encoding, token);
  }
}

/** Entries as both protocols write them, with at most `top` alternatives each. */
export function writtenLogprobs(
  encoding: HarmonyEncoding,
  entries: readonly TokenLogprob[],
  top: number,
): WrittenLogprob[] {
  const written = ({ token, logprob }: { token: number; logprob: number }) => {
    const bytes = bytesOf(encoding, token);
    return {
      token: text.decode(bytes),
      bytes: Array.from(bytes),
      logprob: Number.isFinite(logprob) ? logprob : IMPOSSIBLE,
    };
  };
  return entries.map((entry) => ({
    ...written(entry),
    top_logprobs: (entry.top ?? []).slice(0, top).map(written),
  }));
}

/** The bytes of a token. An id that the vocabulary lacks has none. */
function bytesOf(encoding: HarmonyEncoding, token: number): Uint8Array {
  try {
    return encoding.decodeBytes([token]);
  } catch {
    return new Uint8Array();
  }
}
