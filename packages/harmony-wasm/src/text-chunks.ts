/**
 * Cuts long text into chunks at places where a piece certainly begins, so the
 * chunks have the same tokens as the whole. A wasm instance's memory never
 * shrinks: without chunks, one text of 200 MB would keep hundreds of megabytes.
 *
 * A piece of the split pattern never continues from a non-space to a space, nor
 * over a line end to a character that is neither space nor slash, and it does
 * not depend on the text before it.
 */

/** In UTF-16 units, which take up to 192 KiB in the wasm. */
const CHUNK = 1 << 16;
const SPACE = 0x20;
const SLASH = 0x2f;
const LINE_END = 0x0a;
/** White space by Unicode or JavaScript; chunks are not cut beside either. */
const ANY_SPACE = /[\s\u0085]/;

/** Whether a text is longer than one chunk. */
export const isLong = (text: string): boolean => text.length > CHUNK;

/** The chunks of a text; a text without a certain place to cut is one chunk. */
export function* chunksOf(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > CHUNK) {
    const end = cutBefore(text, start + CHUNK, start + CHUNK / 2) ?? cutAfter(text, start + CHUNK);
    yield text.slice(start, end);
    start = end;
  }
  if (start < text.length || text === "") yield start === 0 ? text : text.slice(start);
}

function cutBefore(text: string, from: number, downTo: number): number | undefined {
  for (let at = from; at > downTo; at -= 1) if (isCertain(text, at)) return at;
  return undefined;
}

function cutAfter(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (isCertain(text, at)) return at;
  return text.length;
}

/** Whether a piece starts at `at`, whatever the rest of the text is. */
function isCertain(text: string, at: number): boolean {
  const next = text.charCodeAt(at);
  if (next === SPACE) return !isSpace(text.charCodeAt(at - 1));
  return text.charCodeAt(at - 1) === LINE_END && next !== SLASH && !isSpace(next);
}

function isSpace(unit: number): boolean {
  return unit === SPACE || unit === LINE_END || ANY_SPACE.test(String.fromCharCode(unit));
}
