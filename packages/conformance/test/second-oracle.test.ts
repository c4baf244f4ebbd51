/**
 * Checks plain text against `@dqbd/tiktoken`, an independent implementation of
 * the same vocabulary. Its known differences are listed, with reasons, in
 * test-vectors/known-differences.json.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { get_encoding } from "@dqbd/tiktoken";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { afterAll, describe, expect, it } from "vitest";
import { MAKES, randomFrom } from "../src/differential/texts.ts";
import { readVectors } from "../src/files.ts";

interface Difference {
  special_token: string;
  theirs: number | null;
  ours: number | null;
  reason: string;
}

const folder = new URL("../../../test-vectors/", import.meta.url);
const peersTokens: Record<string, number> = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve("@dqbd/tiktoken/encoders/o200k_base.json"),
    "utf8",
  ),
).special_tokens;
const { differences }: { differences: Difference[] } = JSON.parse(
  readFileSync(new URL("known-differences.json", folder), "utf8"),
);
const texts = readVectors(folder).flatMap(({ id, call, with: { text } }) =>
  call === "encodeOrdinary" && text !== undefined ? [[id, text] as const] : [],
);
const harmony = loadHarmonyEncodingSync();
const tiktoken = get_encoding("o200k_base");
afterAll(() => tiktoken.free());

describe("encodeOrdinary", () => {
  it.each(texts)("%s", (_, text) => {
    expect(harmony.encodeOrdinary(text)).toEqual(tiktoken.encode_ordinary(text));
  });

  it.each(Object.entries(MAKES))("random text: %s", (_, make) => {
    const text = make(harmony, randomFrom(20260801), 20_000);
    expect(harmony.encodeOrdinary(text)).toEqual(tiktoken.encode_ordinary(text));
  });
});

describe("special tokens", () => {
  const ours = (token: string) => harmony.specialTokens.get(token) ?? null;

  it("differ where the list of known differences says so, and nowhere else", () => {
    const found = Object.entries(peersTokens).filter(([token, id]) => ours(token) !== id);
    expect(found).toEqual(differences.map(({ special_token, theirs }) => [special_token, theirs]));
  });

  it.each(differences.map((difference) => [difference.special_token, difference] as const))(
    "%s: the difference is as it is listed",
    (token, difference) => {
      expect([peersTokens[token] ?? null, ours(token)]).toEqual([
        difference.theirs,
        difference.ours,
      ]);
      expect(difference.reason).not.toBe("");
    },
  );
});
