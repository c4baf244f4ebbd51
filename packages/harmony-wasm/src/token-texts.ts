/**
 * The texts of single tokens. A character may span several tokens, so tokens
 * are grouped until their bytes end with a whole character.
 */

import { checkedTokens } from "./check/arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import type { TokenInput } from "./types.js";

/** The text of one or more tokens; `start` and `end` are token positions, half-open. */
export interface TokenText {
  text: string;
  start: number;
  end: number;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The texts of tokens, one per token, or one for several tokens that share a
 * character. Joined they equal `decode(tokens)`.
 *
 * @throws {HarmonyError} `invalid_token` with the position of an unknown id.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, tokenTexts } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * tokenTexts(encoding, encoding.encode("hi 🦄"));
 * // => [{ text: "hi", start: 0, end: 1 }, { text: " 🦄", start: 1, end: 4 }]
 * ```
 */
export function tokenTexts(encoding: HarmonyEncoding, tokens: TokenInput): TokenText[] {
  HarmonyEncoding.instanceOf(encoding);
  const ids = checkedTokens("tokens", tokens);
  encoding.decodeBytes(ids); // Refuses an unknown id with its position.
  const known = new Map<number, Uint8Array>();
  const texts: TokenText[] = [];
  let bytes: number[] = [];
  let start = 0;
  ids.forEach((id, at) => {
    const piece = known.get(id) ?? encoding.decodeBytes([id]);
    known.set(id, piece);
    for (const byte of piece) bytes.push(byte);
    if (at + 1 < ids.length && endsInsideCharacter(bytes)) return;
    texts.push({ text: decoder.decode(Uint8Array.from(bytes)), start, end: at + 1 });
    bytes = [];
    start = at + 1;
  });
  return texts;
}

/**
 * The place of every token in `decode(tokens)`, half-open, in UTF-16 units,
 * JavaScript's string indices. Tokens that share a character have the place of
 * their group, as in the offsets of Hugging Face's tokenizers.
 *
 * @throws {HarmonyError} `invalid_token` with the position of an unknown id.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, tokenOffsets } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * tokenOffsets(encoding, encoding.encode("hello world")); // => [[0, 5], [5, 11]]
 * ```
 */
export function tokenOffsets(
  encoding: HarmonyEncoding,
  tokens: TokenInput,
): [start: number, end: number][] {
  const offsets: [number, number][] = [];
  let from = 0;
  for (const { text, start, end } of tokenTexts(encoding, tokens)) {
    const to = from + text.length;
    for (let at = start; at < end; at += 1) offsets.push([from, to]);
    from = to;
  }
  return offsets;
}

/** Whether the bytes end inside a character. */
function endsInsideCharacter(bytes: readonly number[]): boolean {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) return lengthOf(byte) > back;
  }
  return false;
}

/** The length in bytes of a character that starts with `byte`. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}
