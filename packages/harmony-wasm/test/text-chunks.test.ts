/**
 * Cutting long text into chunks changes no token: compared with `@dqbd/tiktoken`,
 * which does not cut, around every kind of cut.
 */

import { get_encoding } from "@dqbd/tiktoken";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { afterAll, describe, expect, it } from "vitest";
import { chunksOf } from "../src/text-chunks.js";

const CHUNK = 1 << 16;
const harmony = loadHarmonyEncodingSync();
const tiktoken = get_encoding("o200k_base");
afterAll(() => tiktoken.free());

/** Texts whose cuts are among the given units. */
const TEXTS: [string, string[]][] = [
  ["words", ["alpha ", "beta", " gamma", ", ", "Δelta "]],
  ["lines", ["a line", "\n", "\n\n", " indented", "/slash", "\r\n"]],
  ["space of all kinds", ["x", " ", "  ", "\t", "\n", "\u00a0", "\u0085", "\u3000", "\ufeff"]],
  ["signs before line ends", ["!", "\n", "/", "//\n", "a", " !", "\n/"]],
  ["contractions", ["it", "'s ", "' s", "'", " ", "ſ"]],
  ["characters of two units", ["😀", " ", "𝒳", "é", "\n"]],
];

function textOf(units: string[], length: number): string {
  let state = 12_345;
  const parts: string[] = [];
  for (let total = 0; total < length; total += parts.at(-1)?.length ?? 1) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    parts.push(units[(state >> 8) % units.length] ?? "");
  }
  return parts.join("");
}

describe("a text of several chunks", () => {
  it.each(TEXTS)("%s: has the tokens of the whole", (_, units) => {
    const text = textOf(units, 4 * CHUNK);
    expect([...chunksOf(text)].length).toBeGreaterThan(2);
    expect([...chunksOf(text)].join("")).toBe(text);
    expect(harmony.encodeOrdinary(text)).toEqual(tiktoken.encode_ordinary(text));
    expect(harmony.countTokens(text)).toBe(tiktoken.encode_ordinary(text).length);
  });

  it("is refused for a disallowed text across a cut", () => {
    const text = `${"ab ".repeat(CHUNK / 3)}no way${" ab".repeat(CHUNK)}`;
    const across = { disallowedSpecial: ["no way"] };
    expect(() => harmony.encode(text, across)).toThrow("disallowed special token 'no way'");
  });
});

it("a text without a place to cut is one chunk", () => {
  expect([...chunksOf("a".repeat(3 * CHUNK))].length).toBe(1);
  expect([...chunksOf("")]).toEqual([""]);
});

it("two hundred megabytes in one call do not keep their memory", () => {
  const sentence = "Ten characters here. ";
  const [one, two] = [1, 2].map((times) => tiktoken.encode_ordinary(sentence.repeat(times)).length);
  const times = 10_000_000;
  expect(harmony.countTokens(sentence.repeat(times))).toBe(
    Number(one) + (times - 1) * (Number(two) - Number(one)),
  );
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(64e6);
});
