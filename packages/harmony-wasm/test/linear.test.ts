/**
 * Tests of complexity: fits the exponent of time over size on hostile text, over a
 * factor of 16, for encoding, rendering, parsing and polling. The fit itself is
 * tested on functions with a known exponent.
 *
 * One exception, by name: content made of tokens that are bare UTF-8 continuation
 * bytes, which upstream's own parser collects in quadratic time.
 */

import {
  loadHarmonyEncodingSync,
  parseHarmonyText,
  RecoveringParser,
  StreamableParser,
  userMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

/**
 * Halfway between linear, 1, and quadratic, 2. Linear work over more memory
 * than the caches hold measures up to 1.15 (Thai at two million characters),
 * and a limit so near that failed by timing alone.
 */
const STEEPEST = 1.5;
/** The machine may be busy, so the smallest of several fits counts. */
const ATTEMPTS = 20;
const REPEATS = 3;
const FACTORS = [1, 2, 4, 8, 16];
/** The same for every size. */
const MORE_THAN_A_CHUNK = 131_072;

const encoding = loadHarmonyEncodingSync();

/** Every family as a text of about `length` UTF-16 units. */
const FAMILIES: Record<string, (length: number) => string> = {
  "one letter": (length) => "a".repeat(length),
  "random letters": (length) => randomUnits(length, 0x61, 26),
  "random capitals": (length) => randomUnits(length, 0x41, 26),
  "spaces, then a letter": (length) => `${" ".repeat(length)}a`,
  tabs: (length) => "\t".repeat(length),
  "line ends": (length) => "\n".repeat(length),
  "spaces and line ends": (length) => " \n".repeat(length / 2),
  punctuation: (length) => "!".repeat(length),
  "random signs": (length) => randomUnits(length, 0x21, 15),
  digits: (length) => "7".repeat(length),
  Han: (length) => randomUnits(length, 0x4e00, 20_000),
  Thai: (length) => randomUnits(length, 0xe01, 46),
  "emoji with joiners": (length) => "👨‍👩‍👧‍👦".repeat(length / 11),
  "combining marks": (length) => "\u0301".repeat(length),
  "a capital and marks": (length) => "A\u0301".repeat(length / 2),
  NUL: (length) => "\0".repeat(length),
};

function randomUnits(length: number, first: number, count: number): string {
  let state = 88_172_645;
  const units = Uint16Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return first + ((state >>> 0) % count);
  });
  return new TextDecoder("utf-16le").decode(units);
}

/** Milliseconds of the processor, which other processes do not add to; the least of some runs. */
function timeOf(action: () => unknown): number {
  const times = Array.from({ length: REPEATS }, () => {
    const before = process.cpuUsage();
    action();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.max(Math.min(...times), 0.001);
}

/** The slope of log time over log size, by least squares. */
function exponentOf(prepare: (size: number) => () => unknown, smallest: number): number {
  const points = FACTORS.map((factor) => {
    const size = smallest * factor;
    return [Math.log(size), Math.log(timeOf(prepare(size)))] as const;
  });
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function smallestExponent(prepare: (size: number) => () => unknown, smallest: number): number {
  let least = Number.POSITIVE_INFINITY;
  prepare(smallest)();
  for (let attempt = 0; attempt < ATTEMPTS && least > STEEPEST; attempt += 1) {
    least = Math.min(least, exponentOf(prepare, smallest));
  }
  return least;
}

describe("the fit", () => {
  const busy = (steps: number) => () => {
    let sum = 0;
    for (let step = 0; step < steps; step += 1) sum += Math.sqrt(step);
    return sum;
  };

  it("recognises a quadratic function, even by the smallest of several fits", () => {
    const quadratic = (size: number) => busy(size * size);
    quadratic(1_000)();
    const fits = Array.from({ length: 3 }, () => exponentOf(quadratic, 1_000));
    expect(Math.min(...fits)).toBeGreaterThan(1.5);
  });

  it("recognises a linear function", () => {
    expect(smallestExponent((size) => busy(size), 100_000)).toBeLessThan(STEEPEST);
  });
});

describe.each(Object.entries(FAMILIES))("%s", (_, family) => {
  it("encodes in linear time", () => {
    const encode = (size: number) => {
      const text = family(size);
      return () => encoding.encodeOrdinary(text);
    };
    expect(smallestExponent(encode, MORE_THAN_A_CHUNK)).toBeLessThan(STEEPEST);
  });

  it("renders in linear time", () => {
    const render = (size: number) => {
      const conversation = [userMessage(family(size))];
      return () => encoding.renderConversation(conversation);
    };
    expect(smallestExponent(render, MORE_THAN_A_CHUNK)).toBeLessThan(STEEPEST);
  });

  it("is parsed in linear time, whole and polled after every token", () => {
    const completionOf = (size: number) => encoding.render(userMessage(family(size)));
    const parse = (size: number) => {
      const tokens = completionOf(size);
      return () => encoding.parseMessagesFromCompletionTokens(tokens);
    };
    const poll = (size: number) => {
      const tokens = completionOf(size);
      return () => polled(tokens);
    };
    expect(smallestExponent(parse, 8_192)).toBeLessThan(STEEPEST);
    expect(smallestExponent(poll, 4_096)).toBeLessThan(STEEPEST);
  });
});

const id = (text: string) => encoding.encode(text, { allowedSpecial: "all" });
/** Every family as about `length` tokens that are hard to recover from. */
const MALFORMED: Record<string, (length: number) => Uint32Array> = {
  "starts and no more": repeated("<|start|>"),
  "channels and no more": repeated("<|channel|>"),
  "starts in headers": repeated("<|start|>assistant to=f"),
  "channels with prose": repeated("<|channel|>final and so on and on"),
  "words of headers": repeated("assistant final to=f json "),
  "a word that goes on": repeated("to="),
  "spaces between messages": repeated(" \n"),
  "prose between messages": repeated("<|end|>so on"),
  "stop tokens": repeated("<|end|><|return|>"),
  "spelled markers": (length) => repeatedText("<|channel|>a<|start|>", length),
  "open markers": repeated("<|x"),
  "unknown ids": (length) => new Uint32Array(length).fill(250_000),
  "bytes that continue nothing": (length) => {
    const tokens = new Uint32Array(length).fill(2203);
    tokens.set(id("<|start|><|message|>"));
    return tokens;
  },
  "a header of bytes that continue nothing": (length) => new Uint32Array(length).fill(2203),
};

/** Without special tokens. */
function repeatedText(text: string, length: number): Uint32Array {
  return encoding.encodeOrdinary(text.repeat(length / 8)).slice(0, length);
}

function repeated(text: string): (length: number) => Uint32Array {
  const tokens = id(text);
  return (length) => Uint32Array.from({ length }, (_, at) => tokens[at % tokens.length] ?? 0);
}

describe.each(Object.entries(MALFORMED))("%s", (_, family) => {
  const pushed = (tokens: Uint32Array, role: "assistant" | null) => {
    using parser = new RecoveringParser(encoding, role);
    let seen = 0;
    for (const token of tokens) {
      seen += parser.push(token).length + parser.messages.length + parser.strays.length;
    }
    return seen + parser.end().length;
  };

  it.each(["assistant", null] as const)("are recovered in linear time, after %s", (role) => {
    const whole = (size: number) => {
      const tokens = family(size);
      return () => encoding.recoverMessagesFromCompletionTokens(tokens, role);
    };
    const oneByOne = (size: number) => {
      const tokens = family(size);
      return () => pushed(tokens, role);
    };
    expect(smallestExponent(whole, 16_384)).toBeLessThan(STEEPEST);
    expect(smallestExponent(oneByOne, 4_096)).toBeLessThan(STEEPEST);
  });
});

describe("text without special tokens", () => {
  const PARTS = ["assistantfinal", "assistant ", "to=assistantfinal", " to=f", "analysis", "<|x"];
  it.each(PARTS)("is read in linear time, made of %s", (part) => {
    const read = (size: number) => {
      const text = part.repeat(size);
      return () => parseHarmonyText(encoding, text);
    };
    expect(smallestExponent(read, 4_096)).toBeLessThan(STEEPEST);
  });
});

/** Polls every property after every token. */
function polled(tokens: Uint32Array): number {
  using parser = new StreamableParser(encoding);
  let seen = 0;
  for (const token of tokens) {
    parser.process(token);
    seen += parser.currentContent.length + parser.tokens.length + parser.messages.length;
  }
  return seen;
}
