/**
 * Text on its way into the wasm's memory, where `encodeInto` is slow. V8 keeps text
 * beyond Latin-1 as UTF-16, and before version 14 writes its UTF-8 so slowly that this
 * takes a sixth of the time of encoding. There, Node's `Buffer` copies the UTF-16,
 * and the wasm converts it: `crates/harmony-core/src/utf16.rs`. Elsewhere `encodeInto`
 * is faster than that: in Node 26 and Bun, and in Deno, whose `Buffer` is JavaScript.
 */

/** Shorter text is as fast with `encodeInto`. */
const SHORT = 100;
/** At once false for text that V8 keeps as Latin-1, whose UTF-8 it writes fast. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;
/** Node before version 25. Other runtimes that say a version of V8 do not end it so. */
const SLOW_V8 = /^1[1-3]\..*-node\b/;

const isSlow = SLOW_V8.test(String(globalThis.process?.versions?.v8));

/** Whether copying a text's UTF-16, and converting it in the wasm, is faster than `encodeInto`. */
export function prefersUtf16(text: string): boolean {
  return isSlow && text.length > SHORT && BEYOND_LATIN_1.test(text);
}

/** Writes a text's UTF-16 into a buffer's memory. Only for a text that prefers it. */
export function writeUtf16(text: string, memory: ArrayBufferLike, start: number): void {
  globalThis.Buffer.from(memory, start, 2 * text.length).write(text, "utf16le");
}
