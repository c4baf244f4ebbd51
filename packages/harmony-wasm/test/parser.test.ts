/**
 * `StreamableParser` beyond the vectors: shared arrays, polling at any time, and the
 * state after an error, the end, and `dispose`.
 */

import {
  HarmonyError,
  loadHarmonyEncodingSync,
  type ParseOptions,
  type Role,
  StreamableParser,
  StreamState,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();

function tokensOf(text: string): number[] {
  return [...encoding.encode(text, { allowedSpecial: "all" })];
}

function parserFor(role: Role | null = "assistant", options: ParseOptions = {}): StreamableParser {
  return new StreamableParser(encoding, role, options);
}

/** Characters of several tokens, several messages, and content that repeats. */
const COMPLETION = tokensOf(
  "<|channel|>analysis<|message|>Hm 🧑🏽‍🚀 ½ 日本語 𝔘𝔫𝔦.<|end|>" +
    "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>" +
    "<|start|>assistant<|channel|>final<|message|>ab<|end|>" +
    "<|start|>assistant<|channel|>final<|message|>ab 🎉🎉<|return|>",
);

describe("messages and tokens", () => {
  it("are each one array that grows", () => {
    const parser = parserFor();
    const { messages, tokens } = parser;
    expect([messages.length, tokens.length]).toEqual([0, 0]);
    for (const token of COMPLETION) {
      parser.process(token);
      expect(parser.messages).toBe(messages);
      expect(parser.tokens).toBe(tokens);
    }
    expect(messages).toHaveLength(4);
    expect(tokens).toEqual(COMPLETION);
  });

  it("keep earlier messages, frozen", () => {
    const parser = parserFor().process(COMPLETION);
    const before = [...parser.messages];
    expect(before.every((message) => Object.isFrozen(message))).toBe(true);
    parser.process(tokensOf("<|start|>user<|message|>hi<|end|>"));
    expect(parser.messages).toHaveLength(5);
    expect(before.every((message, at) => parser.messages[at] === message)).toBe(true);
    expect(Object.isFrozen(parser.messages[4])).toBe(true);
  });
});

describe("process", () => {
  it("returns the parser, as processEos does", () => {
    const parser = parserFor();
    expect(parser.process(200008)).toBe(parser);
    expect(parser.process([24912])).toBe(parser);
    expect(parser.process(Uint32Array.of(2375))).toBe(parser);
    expect(parser.process(new Set([24912]))).toBe(parser);
    expect(parser.processEos()).toBe(parser);
  });

  it("gives the same for every form of ids", () => {
    const one = parserFor();
    for (const token of COMPLETION) one.process(token);
    const generated = (function* () {
      yield* COMPLETION;
    })();
    for (const form of [COMPLETION, Uint32Array.from(COMPLETION), generated]) {
      const parser = parserFor().process(form);
      expect(parser.messages).toEqual(one.messages);
      expect(parser.tokens).toEqual(one.tokens);
    }
  });

  it("does not keep the caller's array", () => {
    const ids = Uint32Array.from(COMPLETION);
    const parser = parserFor().process(ids);
    ids.fill(0);
    expect(parser.tokens).toEqual(COMPLETION);
  });
});

describe("after an array that fails midway", () => {
  const good = tokensOf("<|start|>user<|message|>hi<|end|>");
  const failing = [...good, 24912, ...good];
  const failed = () => {
    const parser = parserFor(null);
    let failure: unknown;
    try {
      parser.process(good).process(failing);
    } catch (error) {
      failure = error;
    }
    return { parser, failure };
  };

  it("the error has the position in that array", () => {
    const { failure } = failed();
    expect(failure).toBeInstanceOf(HarmonyError);
    expect(failure).toMatchObject({ code: "parse_failed", index: good.length });
  });

  it("the tokens before it are consumed, those after it are not", () => {
    const { parser } = failed();
    expect(parser.messages).toHaveLength(2);
    expect(parser.tokens).toEqual([...good, ...good, 24912]);
    expect(parser.state).toBe(StreamState.EXPECT_START);
  });

  it("processing goes on", () => {
    const { parser } = failed();
    parser.process(tokensOf("<|start|>assistant<|channel|>final<|message|>yes"));
    expect([parser.currentContent, parser.currentChannel]).toEqual(["yes", "final"]);
    expect(parser.processEos().messages.at(-1)).toEqual({
      role: "assistant",
      channel: "final",
      content: "yes",
    });
  });

  it("an invalid id does not change the parser", () => {
    const parser = parserFor(null).process(good);
    expect(() => parser.process([...good, -1])).toThrow(RangeError);
    expect(parser.tokens).toEqual(good);
    expect(parser.messages).toHaveLength(1);
  });
});

/** The content of a parser that is polled after every so many tokens. */
function contentAsked(every: number): (string | undefined)[] {
  const parser = parserFor();
  return COMPLETION.map((token, at) => {
    parser.process(token);
    return at % every === every - 1 ? parser.currentContent : undefined;
  });
}

describe("currentContent", () => {
  it.each([2, 3, 7, 20])("polled every %s tokens is the same as polled after each", (every) => {
    const always = contentAsked(1);
    const expected = always.map((content, at) => (at % every === every - 1 ? content : undefined));
    expect(contentAsked(every)).toEqual(expected);
    expect(expected.some((content) => content && content.length > 3)).toBe(true);
  });

  it("is all deltas of its message", () => {
    const parser = parserFor();
    let gathered = "";
    for (const token of COMPLETION) {
      parser.process(token);
      if (parser.state !== StreamState.CONTENT) gathered = "";
      else gathered += parser.lastContentDelta ?? "";
      expect(parser.currentContent).toBe(gathered);
      expect(parser.currentContent).toBe(gathered);
    }
    expect(parser.messages.map((message) => message.content)).toEqual([
      "Hm 🧑🏽‍🚀 ½ 日本語 𝔘𝔫𝔦.",
      "{}",
      "ab",
      "ab 🎉🎉",
    ]);
  });
});

describe("a parser", () => {
  it("returns the same however often it is polled", () => {
    const [often, rarely] = [parserFor(), parserFor()];
    for (const [at, token] of COMPLETION.entries()) {
      often.process(token);
      expect(often.stateData.state).toBe(often.state);
      rarely.process(token);
      if (at % 11 !== 10) continue;
      expect(rarely.currentContent).toBe(often.currentContent);
      expect(rarely.stateData).toEqual(often.stateData);
      expect(rarely.state).toBe(often.state);
    }
    expect(rarely.messages).toEqual(often.messages);
  });

  it("returns new content when two messages begin alike and it was not polled between them", () => {
    const parser = parserFor().process(tokensOf("<|message|>ab"));
    expect(parser.currentContent).toBe("ab");
    parser.process(tokensOf("<|end|><|start|>assistant<|message|>ab"));
    expect(parser.currentContent).toBe("ab");
  });
});

describe("processEos", () => {
  it("ends a message, and the parser continues", () => {
    const parser = parserFor().process(tokensOf("<|channel|>final<|message|>one")).processEos();
    expect([parser.state, parser.currentContent]).toEqual([StreamState.EXPECT_START, ""]);
    parser.process(tokensOf("<|start|>user<|message|>two")).processEos();
    expect(parser.messages.map((message) => message.content)).toEqual(["one", "two"]);
    expect(parser.processEos().messages).toHaveLength(2);
  });

  it("fails in a header with the number of tokens, and the header continues", () => {
    const parser = parserFor().process(tokensOf("<|channel|>final"));
    const failure = expect.objectContaining({ code: "parse_failed", index: 2 });
    expect(() => parser.processEos()).toThrow(failure);
    expect(parser.process(tokensOf("<|message|>hi")).processEos().messages).toEqual([
      { role: "assistant", channel: "final", content: "hi" },
    ]);
  });
});

describe("dispose", () => {
  it("may be called twice", () => {
    const parser = parserFor();
    parser.dispose();
    expect(() => parser.dispose()).not.toThrow();
    expect(() => parser[Symbol.dispose]()).not.toThrow();
    expect(() => parser.process(1)).toThrow(TypeError);
  });

  it("comes at the end of a block with `using`", () => {
    let kept: StreamableParser | undefined;
    {
      using parser = parserFor();
      kept = parser;
      expect(parser.process(200008).state).toBe(StreamState.CONTENT);
    }
    expect(() => kept?.state).toThrow(new TypeError("this StreamableParser has been disposed"));
  });

  it("keeps the arrays that were returned", () => {
    const parser = parserFor().process(COMPLETION);
    const { messages, tokens } = parser;
    parser.dispose();
    expect(messages).toHaveLength(4);
    expect(tokens).toEqual(COMPLETION);
  });

  it("forgotten ten thousand times does not disturb other parsers", () => {
    const parser = parserFor();
    for (let forgotten = 0; forgotten < 10_000; forgotten += 1) {
      parserFor().process([200008, 24912]);
      if (forgotten < COMPLETION.length) parser.process(COMPLETION[forgotten] ?? 0);
    }
    expect(parser.messages).toHaveLength(4);
    expect(parser.tokens).toEqual(COMPLETION);
  });
});
