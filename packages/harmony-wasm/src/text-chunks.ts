/**
 * Long text in chunks, cut where the tokenizer's split is certain, so that the
 * tokens of the chunks are those of the whole. The memory of a wasm instance
 * never shrinks: without chunks, one text of 200 MB would hold hundreds of
 * megabytes for ever.
 *
 * No piece of the split pattern reaches from a character that is not space to
 * a space, nor over a line end to what is neither space nor a slash; and what
 * is before a piece does not matter to it.
 */

/** In UTF-16 units; the room that it needs in the wasm is 192 KiB. */
const CHUNK = 1 << 16;
const SPACE = 0x20;
const SLASH = 0x2f;
const LINE_END = 0x0a;
/** What Unicode or JavaScript calls white space: both are left alone. */
const ANY_SPACE = /[\s\u0085]/;

/** Whether a text makes more than one chunk, if it can be cut. */
export const isLong = (text: string): boolean => text.length > CHUNK;

/** The text cut into chunks; one that has no certain place to cut is whole. */
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

/** Whether a piece starts at `at`, whatever stands around. */
function isCertain(text: string, at: number): boolean {
  const next = text.charCodeAt(at);
  if (next === SPACE) return !isSpace(text.charCodeAt(at - 1));
  return text.charCodeAt(at - 1) === LINE_END && next !== SLASH && !isSpace(next);
}

function isSpace(unit: number): boolean {
  return unit === SPACE || unit === LINE_END || ANY_SPACE.test(String.fromCharCode(unit));
}
