/**
 * Errors quote text as Rust's `{:?}` writes it, which escapes characters that
 * the compiler's Unicode tables do not know. The wheel was compiled with
 * Unicode 16 and the wasm with Unicode 17, so a character of Unicode 17 is
 * escaped there and not here. Only the words of errors differ: ids never depend
 * on the compiler's tables.
 */

import type { Expected } from "../vectors.ts";

/** Not preceded by a backslash: an escaped backslash followed by `u` is text. */
const ESCAPE = /(?<!\\)\\u\{([0-9a-f]+)\}/g;
const PRINTED = /^[^\p{C}\p{Z}\p{Grapheme_Extend}]$/u;

/** The wheel's answer, its errors quoted with today's Unicode tables. */
export function quotedToday(answer: Expected): Expected {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    key === "error" && typeof value === "string" ? value.replace(ESCAPE, unescaped) : value,
  );
  return JSON.parse(text);
}

function unescaped(written: string, digits: string): string {
  const character = String.fromCodePoint(Number.parseInt(digits, 16));
  return PRINTED.test(character) ? character : written;
}
