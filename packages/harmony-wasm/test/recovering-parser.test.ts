/** The interface of the recovering parser: events, reset, a prefix, dispose. */

import { RecoveringParser, type Role } from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { encoding, eventsOf, tokensOf } from "./recovery-support.js";

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

  it("contain the parser's own frozen messages", () => {
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
  it("starts over, and keeps the arrays that were returned", () => {
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

  it("does not change the parser if its arguments are refused", () => {
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

  it.each([
    ["disposed of", (parser: RecoveringParser) => parser.dispose(), true],
    ["reset", (parser: RecoveringParser) => parser.reset("assistant"), false],
  ])("is an error in an iterable that is read, which leaves the encoding: %s", (_, use, ends) => {
    const parser = new RecoveringParser(encoding, "assistant");
    const tokens = (function* () {
      use(parser);
      yield* COMPLETION;
    })();
    expect(() => parser.push(tokens)).toThrow(
      new TypeError("this parser was disposed of by its own tokens"),
    );
    expect(encoding.encode("hello world")).toEqual(Uint32Array.of(24912, 2375));
    if (!ends) expect(parser.push(COMPLETION)).not.toEqual([]);
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
