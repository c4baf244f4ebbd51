/**
 * Text that may have special tokens spelled out in it, as ids from the first of
 * them on. This module promises that no marker is missed because it came in
 * pieces, and that text without markers passes as it is, soon.
 */

import type { HarmonyEncoding } from "../index.js";

/** How much of a text is held back at first: a server may remove the first marker and leave its word. */
const HEAD = 32;

/** What a piece of text turned out to be. */
export interface TextPiece {
  /** Before any marker. */
  plain: string;
  /** From the first marker on. */
  tokens: Uint32Array;
}

const NO_TOKENS = new Uint32Array();

/** Reads one text. */
export class MarkupText {
  readonly #encoding: HarmonyEncoding;
  readonly #open: string;
  readonly #close: string;
  readonly #longest: number;
  #held = "";
  #isPlain = false;
  #isMarkup = false;

  constructor(encoding: HarmonyEncoding) {
    const markers = [...encoding.specialTokens.keys()];
    this.#encoding = encoding;
    this.#open = markers.reduce(commonStart);
    this.#close = reversed(markers.map(reversed).reduce(commonStart));
    this.#longest = Math.max(...markers.map(({ length }) => length));
  }

  /** What can be said of the text so far. */
  push(delta: string): TextPiece {
    const text = this.#held + delta;
    const hold = this.#holdFrom(text);
    this.#held = text.slice(hold);
    return this.#piece(text.slice(0, hold));
  }

  /** The rest. */
  end(): TextPiece {
    const text = this.#held;
    this.#held = "";
    return this.#piece(text);
  }

  #piece(text: string): TextPiece {
    if (!this.#isMarkup) {
      const at = this.#marker(text);
      if (at === undefined) {
        this.#isPlain ||= text !== "";
        return { plain: text, tokens: NO_TOKENS };
      }
      this.#isMarkup = true;
      const start = this.#isPlain ? at : 0;
      return { plain: text.slice(0, start), tokens: this.#encoded(text.slice(start)) };
    }
    return { plain: "", tokens: this.#encoded(text) };
  }

  #encoded(text: string): Uint32Array {
    return this.#encoding.encode(text.toWellFormed(), { allowedSpecial: "all" });
  }

  /** Where the first marker is. */
  #marker(text: string): number | undefined {
    for (let at = text.indexOf(this.#open); at >= 0; at = text.indexOf(this.#open, at + 1)) {
      const close = text.indexOf(this.#close, at + this.#open.length);
      if (close < 0) return undefined;
      if (this.#encoding.specialTokens.has(text.slice(at, close + this.#close.length))) return at;
    }
    return undefined;
  }

  /** From where on the text may still become something else. */
  #holdFrom(text: string): number {
    const isUndecided = !this.#isPlain && !this.#isMarkup && text.length < HEAD;
    if (isUndecided && this.#marker(text) === undefined) return 0;
    const at = text.lastIndexOf(this.#open.charAt(0));
    const tail = at < 0 ? "" : text.slice(at);
    const isBegun = tail.startsWith(this.#open) || this.#open.startsWith(tail);
    const isMarker = tail !== "" && isBegun && !tail.includes(this.#close);
    if (isMarker && tail.length < this.#longest) return at;
    // Half of a character.
    return /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
  }
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}
