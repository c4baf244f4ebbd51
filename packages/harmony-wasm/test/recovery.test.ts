/**
 * Recovery in JavaScript: the cases of test-vectors/malformed, whole and streamed,
 * properties of any ids, and the codes in docs/recovery.md. harmony-core tests the
 * rules.
 */

import type { Message, RecoveredMessage, Role, Stray } from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { REPAIR_CODES } from "../src/generated/constants.js";
import { encoding, eventsOf, fileOf, tokensOf } from "./recovery-support.js";

interface Case {
  name: string;
  role?: Role;
  tokens: (number | string)[];
  wanted: (Message & { repairs?: string[] })[];
}

const CASES: Case[] = JSON.parse(fileOf("test-vectors/malformed/cases.json")).cases;

/** The messages as the cases write them. */
function shown(messages: readonly RecoveredMessage[]): unknown[] {
  return messages.map(({ message, repairs }) => ({
    ...message,
    ...(repairs.length > 0 && { repairs: repairs.map(({ code }) => code) }),
  }));
}

/** The spans cover 0 to n in order, and strays contain their tokens. */
function expectToTile(
  tokens: readonly number[],
  { messages, strays }: { messages: RecoveredMessage[]; strays: Stray[] },
): void {
  const spans = [...messages, ...strays].sort((one, other) => one.start - other.start);
  expect(spans.map(({ start }) => start)).toEqual([0, ...spans.map(({ end }) => end)].slice(0, -1));
  expect(spans.at(-1)?.end ?? 0).toBe(tokens.length);
  for (const stray of strays) {
    expect(stray.tokens).toEqual(Uint32Array.from(tokens.slice(stray.start, stray.end)));
  }
}

describe("the cases", () => {
  it.each(CASES.map((one) => [one.name, one] as const))("%s", (_, { role, tokens, wanted }) => {
    const ids = tokensOf(tokens);
    const recovered = encoding.recoverMessagesFromCompletionTokens(ids, role);
    expect(shown(recovered.messages)).toEqual(wanted);
    expectToTile(ids, recovered);
    for (const size of [1, 2, 3, ids.length + 1]) {
      const ends = eventsOf(ids, size, role).filter((event) => event.type === "message-end");
      expect(shown(ends)).toEqual(wanted);
    }
  });
});

describe("any ids", () => {
  it("become messages and strays, the same for any chunks", () => {
    let state = 88_172_645;
    const next = () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    for (let round = 0; round < 300; round += 1) {
      const tokens = Array.from({ length: next() % 20 }, () =>
        next() % 3 === 0 ? next() : 199_995 + (next() % 20),
      );
      const role = round % 2 === 0 ? "assistant" : undefined;
      const recovered = encoding.recoverMessagesFromCompletionTokens(tokens, role);
      expectToTile(tokens, recovered);
      for (const size of [1, 3]) {
        const ends = eventsOf(tokens, size, role).filter((event) => event.type === "message-end");
        expect(shown(ends)).toEqual(shown(recovered.messages));
      }
    }
  });
});

describe("a note", () => {
  it("has the channel that a later one replaces", () => {
    const header = "<|channel|>unsure<|channel|>final<|message|>4<|return|>";
    const [message] = encoding.recoverMessagesFromCompletionTokens(
      tokensOf([header]),
      "assistant",
    ).messages;
    expect(message?.message.channel).toBe("final");
    expect(message?.repairs.map(({ note }) => note).join()).toContain('after "unsure"');
  });
});

describe("docs/recovery.md", () => {
  it("lists every code", () => {
    const rows = [...fileOf("docs/recovery.md").matchAll(/^\| `(\w+)` +\|/gm)];
    expect(REPAIR_CODES.length).toBeGreaterThan(10);
    expect(rows.map(([, code]) => code).sort()).toEqual([...REPAIR_CODES].sort());
  });

  it("lists codes that a case has", () => {
    const met = new Set<string>(
      CASES.flatMap(({ wanted }) => wanted.flatMap(({ repairs = [] }) => repairs)),
    );
    expect(REPAIR_CODES.filter((code) => !met.has(code))).toEqual([]);
  });
});
