/**
 * Recovery in JavaScript: the cases of test-vectors/malformed, whole and as
 * they stream, what holds of any ids, and how the parser is used. The rules
 * themselves are tested in harmony-core.
 */

import { readFileSync } from "node:fs";
import {
  type HarmonyEvent,
  loadHarmonyEncodingSync,
  type Message,
  type RecoveredMessage,
  RecoveringParser,
  type Role,
  type Stray,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();

interface Case {
  name: string;
  role?: Role;
  tokens: (number | string)[];
  wanted: (Message & { repairs?: string[] })[];
}

const fileOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const CASES: Case[] = JSON.parse(fileOf("test-vectors/malformed/cases.json")).cases;

function tokensOf(parts: readonly (number | string)[]): number[] {
  return parts.flatMap((part) =>
    typeof part === "number" ? [part] : [...encoding.encode(part, { allowedSpecial: "all" })],
  );
}

/** The messages in the form of the cases. */
function shown(messages: readonly RecoveredMessage[]): unknown[] {
  return messages.map(({ message, repairs }) => ({
    ...message,
    ...(repairs.length > 0 && { repairs: repairs.map(({ code }) => code) }),
  }));
}

/** All events of tokens that come `size` at a time, one by one as numbers. */
function eventsOf(tokens: readonly number[], size: number, role?: Role): HarmonyEvent[] {
  using parser = new RecoveringParser(encoding, role);
  const events: HarmonyEvent[] = [];
  for (let at = 0; at < tokens.length; at += size) {
    const chunk = tokens.slice(at, at + size);
    events.push(...parser.push(size === 1 ? (chunk[0] ?? -1) : chunk));
  }
  events.push(...parser.end());
  expectToAgree(parser, events);
  return events;
}

/** What the parser holds is what it has told, and deltas are the content. */
function expectToAgree(parser: RecoveringParser, events: readonly HarmonyEvent[]): void {
  const contents: string[] = [];
  for (const event of events) {
    if (event.type === "message-start") contents.push("");
    if (event.type === "content-delta") contents[event.index] += event.delta;
  }
  expect(parser.messages.map(({ message }) => message.content)).toEqual(contents);
  const ends = events.filter((event) => event.type === "message-end");
  expect(parser.messages).toEqual(ends.map(({ type: _, index: __, ...rest }) => rest));
  const strays = events.filter((event) => event.type === "stray");
  expect(parser.strays).toEqual(strays.map(({ type: _, ...rest }) => rest));
}

/** Spans in order are 0..n, and strays hold their tokens. */
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
  it("are read into messages and strays, alike in any chunks", () => {
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

const COMPLETION = tokensOf([
  "<|channel|>analysis<|message|>Hm 🧑🏽‍🚀 ½ 日本語.<|end|>\n<|start|>assistant<|channel|>" +
    "commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
]);

describe("events", () => {
  it("have every field", () => {
    const newline = COMPLETION.indexOf(200007) + 1;
    expect(eventsOf(COMPLETION, COMPLETION.length, "assistant")).toEqual([
      { type: "message-start", index: 0, role: "assistant", channel: "analysis" },
      { type: "content-delta", index: 0, delta: "Hm 🧑🏽‍🚀 ½ 日本語." },
      {
        type: "message-end",
        index: 0,
        message: { role: "assistant", content: "Hm 🧑🏽‍🚀 ½ 日本語.", channel: "analysis" },
        start: 0,
        end: newline,
        terminator: 200007,
        repairs: [],
      },
      { type: "stray", start: newline, end: newline + 1, tokens: Uint32Array.of(198), text: "\n" },
      {
        type: "message-start",
        index: 1,
        role: "assistant",
        channel: "commentary",
        recipient: "functions.f",
        content_type: "<|constrain|>json",
      },
      { type: "content-delta", index: 1, delta: "{}" },
      {
        type: "message-end",
        index: 1,
        message: {
          role: "assistant",
          recipient: "functions.f",
          content: "{}",
          channel: "commentary",
          content_type: "<|constrain|>json",
        },
        start: newline + 1,
        end: COMPLETION.length,
        terminator: 200012,
        repairs: [],
      },
    ]);
  });

  it("never split a character, and withhold no more than one", () => {
    const deltas = eventsOf(COMPLETION, 1, "assistant").flatMap((event) =>
      event.type === "content-delta" ? [event.delta] : [],
    );
    expect(deltas.every((delta) => delta.isWellFormed() && !delta.includes("\ufffd"))).toBe(true);
    expect(deltas.length).toBeGreaterThan(8);
  });

  it("of a long text and of a byte order mark are exact", () => {
    for (const text of ["\ufeffa", `${"é".repeat(5_000)}\ufeff`, "\0", "x".repeat(100_000)]) {
      const ids = [200008, ...encoding.encodeOrdinary(text), 200007];
      const deltas = eventsOf(ids, ids.length, "assistant").flatMap((event) =>
        event.type === "content-delta" ? [event.delta] : [],
      );
      expect(deltas.join("")).toBe(text);
      const ends = eventsOf(ids, 1, "assistant").filter((event) => event.type === "message-end");
      expect(ends[0]?.message.content).toBe(text);
    }
  });

  it("have frozen messages, the parser's own", () => {
    using parser = new RecoveringParser(encoding, "assistant");
    const { messages } = parser;
    const ends = parser.push(COMPLETION).filter((event) => event.type === "message-end");
    expect(messages).toBe(parser.messages);
    expect(messages.map(({ message }) => message)).toEqual(ends.map(({ message }) => message));
    expect(messages[1]?.message).toBe(ends[1]?.message);
    expect(ends.every(({ message }) => Object.isFrozen(message))).toBe(true);
  });
});

describe("reset", () => {
  it("begins anew, and leaves what was handed out", () => {
    using parser = new RecoveringParser(encoding, "assistant");
    parser.push(COMPLETION.slice(0, 9));
    parser.reset("assistant");
    parser.push(COMPLETION);
    const before = parser.messages;
    parser.reset();
    expect(parser.messages).toEqual([]);
    parser.push(tokensOf(["<|start|>user<|message|>next<|end|>"]));
    expect([before.length, parser.messages.length]).toEqual([2, 1]);
    expect(parser.messages[0]).toMatchObject({ start: 0, message: { role: "user" } });
  });

  it("leaves the parser as it was when its arguments are refused", () => {
    using parser = new RecoveringParser(encoding, "assistant");
    parser.push(COMPLETION);
    expect(() => parser.reset("nobody" as Role)).toThrow(/unknown role/);
    expect(parser.messages).toHaveLength(2);
  });
});

describe("a prefix", () => {
  it.each([
    ["the whole prompt", null, "<|start|>user<|message|>hi<|end|><|start|>assistant<|channel|>"],
    ["what follows the role", "assistant", "<|channel|>"],
  ] as const)("may be %s", (_, role, begun) => {
    const prefix = tokensOf([`${begun}final<|message|>It is`]);
    using parser = new RecoveringParser(encoding, role, { prefix });
    const events = [...parser.push(tokensOf([" 4<|return|>"])), ...parser.end()];
    expect(events.map(({ type }) => type)).toEqual([
      "message-start",
      "content-delta",
      "message-end",
    ]);
    expect(parser.messages[0]).toMatchObject({ start: 0, end: 3, repairs: [] });
    expect(parser.messages[0]?.message.content).toBe("It is 4");
  });
});

describe("dispose", () => {
  it("may be called twice, ends a block, and leaves the arrays", () => {
    const parser = new RecoveringParser(encoding, "assistant");
    parser.push(COMPLETION);
    const { messages, strays } = parser;
    parser.dispose();
    expect(() => parser[Symbol.dispose]()).not.toThrow();
    expect([messages.length, strays.length]).toEqual([2, 1]);
    const members = ["push", "end", "messages", "strays", "reset"] as const;
    for (const member of members) {
      const use = () => {
        const value: unknown = parser[member];
        return typeof value === "function" ? Reflect.apply(value, parser, [[]]) : value;
      };
      expect(use).toThrow(new TypeError("this RecoveringParser has been disposed"));
    }
  });

  it("forgotten thousands of times does not disturb other parsers", () => {
    using parser = new RecoveringParser(encoding, "assistant");
    for (let forgotten = 0; forgotten < 5_000; forgotten += 1) {
      new RecoveringParser(encoding, "assistant").push(COMPLETION);
      const token = COMPLETION[forgotten];
      if (token !== undefined) parser.push(token);
    }
    parser.end();
    expect(parser.messages).toHaveLength(2);
  });
});

describe("docs/recovery.md", () => {
  it("has the codes there are, and the types have them", () => {
    const codes = (text: string, pattern: RegExp) =>
      [...text.matchAll(pattern)].map(([, code]) => code).sort();
    const there = codes(fileOf("crates/harmony-core/src/recover/repair.rs"), /=> "(\w+)",/g);
    expect(there.length).toBeGreaterThan(10);
    expect(codes(fileOf("docs/recovery.md"), /^\| `(\w+)` +\|/gm)).toEqual(there);
    expect(codes(fileOf("packages/harmony-wasm/src/events.ts"), /^ {2}\| "(\w+)"/gm)).toEqual(
      there,
    );
  });

  it("has codes that a case shows", () => {
    const met = new Set(
      CASES.flatMap(({ wanted }) => wanted.flatMap(({ repairs = [] }) => repairs)),
    );
    const text = fileOf("crates/harmony-core/src/recover/repair.rs");
    const there = [...text.matchAll(/=> "(\w+)",/g)].map(([, code]) => code);
    expect(there.filter((code) => !met.has(code ?? ""))).toEqual([]);
  });
});
