/**
 * Text beyond Latin-1 goes into the wasm as UTF-16 in Node before version 25. The ids
 * are those of `@dqbd/tiktoken`, whose UTF-8 is the engine's own; a lone surrogate,
 * which the package's functions refuse before, becomes U+FFFD as in `encodeInto`.
 */

import { readFileSync } from "node:fs";
import { get_encoding } from "@dqbd/tiktoken";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { WasmInstance } from "../src/instance.js";
import { prefersUtf16 } from "../src/utf16.js";

const WASM = new WebAssembly.Module(
  readFileSync(new URL(import.meta.resolve("harmony-wasm/harmony.wasm"))),
);
const instance = new WasmInstance(WASM, "HarmonyGptOss");
const tiktoken = get_encoding("o200k_base");
afterAll(() => tiktoken.free());
afterEach(() => vi.unstubAllGlobals());

let state = 20_261_128;
function random(limit: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return (state >> 8) % limit;
}

/** Units of each length in UTF-8, and pairs of surrogates. */
const KINDS = [
  () => String.fromCharCode(random(0x80)),
  () => String.fromCharCode(0x80 + random(0x780)),
  () => String.fromCharCode(0x800 + random(0xd000)),
  () => String.fromCharCode(0xe000 + random(0x2000)),
  () => String.fromCodePoint(0x1_0000 + random(0x10_0000)),
];
const LONE = () => String.fromCharCode(0xd800 + random(0x800));

/** A text of at least so many units, of runs of one kind that are up to 40 units long. */
function textOf(length: number, kinds = KINDS): string {
  let text = "";
  while (text.length < length) {
    const kind = kinds[random(kinds.length)];
    for (let left = 1 + random(2 + random(40)); left > 0; left -= 1) text += kind?.() ?? "";
  }
  return text;
}

function expectIds(text: string): void {
  const ids = instance.encodeInChunks(text, (encoding, length) => encoding.encode_ordinary(length));
  expect(ids, JSON.stringify(text)).toEqual(tiktoken.encode_ordinary(text.toWellFormed()));
}

const takesUtf16 = /^1[1-3]\./.test(process.versions.v8);
const BEYOND = "\u0434".repeat(101);

describe("text as UTF-16", () => {
  it("is preferred where encodeInto is slow", () => {
    expect(prefersUtf16(BEYOND)).toBe(takesUtf16);
    expect(prefersUtf16("\u00e9".repeat(101))).toBe(false);
    expect(prefersUtf16("\u0434")).toBe(false);
  });

  it("has the ids of the text, of any length", () => {
    for (let length = 0; length <= 70; length += 1) {
      for (let time = 0; time < 20; time += 1) expectIds(BEYOND + textOf(length));
    }
  });

  it("has the ids of each kind of text", () => {
    for (const kind of KINDS) {
      for (const other of KINDS) expectIds(BEYOND + textOf(2000, [kind, other]));
    }
  });

  it("has U+FFFD for a lone surrogate in any place", () => {
    for (let length = 0; length <= 70; length += 1) {
      const [before, after] = [textOf(length), textOf(random(70))];
      for (const lone of ["\ud800", "\udbff", "\udc00", "\udfff"]) {
        for (const end of [after, ""]) expectIds(BEYOND + before + lone + end);
      }
    }
    for (let time = 0; time < 200; time += 1) expectIds(BEYOND + textOf(200, [...KINDS, LONE]));
  });

  it("has the ids of the text in several chunks", () => {
    const words = Array.from({ length: 30_000 }, () => textOf(1 + random(8)));
    expectIds(words.join(" "));
  });
});

it("a lone surrogate is refused, with its place, in text of any kind", () => {
  const harmony = loadHarmonyEncodingSync();
  for (const before of [BEYOND, "x".repeat(101), ""]) {
    const message = `"text" has a lone surrogate at position ${before.length}; toWellFormed() replaces it`;
    for (const text of [`${before}\ud800`, `${before}\udc00${BEYOND}`]) {
      expect(() => harmony.encode(text)).toThrow(new TypeError(message));
      expect(() => harmony.countTokens(text)).toThrow(new TypeError(message));
    }
  }
});

describe.each([
  ["no process", undefined],
  ["another process", { versions: {} }],
  ["Node 26", { versions: { v8: "14.6.202.34-node.34" } }],
  ["Deno", { versions: { v8: "13.7.152.6-rusty" } }],
])("with %s", (_, process) => {
  it("no text is written as UTF-16", async () => {
    vi.stubGlobal("process", process);
    vi.resetModules();
    const module = await import("../src/utf16.js");
    expect(module.prefersUtf16(BEYOND)).toBe(false);
  });
});
