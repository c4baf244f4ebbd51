/**
 * Several wasm instances in one process: two copies of the package, and the
 * instance that replaces one that trapped.
 */

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { HarmonyEncoding, Message, StreamableParser } from "harmony-wasm";
import { describe, expect, it } from "vitest";
import {
  expectToWork,
  failureOf,
  freshCopy,
  hostile,
  installedAgain,
  type Package,
} from "./support.js";

const CONVERSATIONS: readonly (readonly Message[])[] = [
  [{ role: "user", content: "hello world" }],
  [
    { role: "system", content: [{ type: "system_content", model_identity: "Größe 😀" }] },
    { role: "developer", content: [{ type: "developer_content", instructions: "Be brief." }] },
    { role: "assistant", channel: "analysis", content: "Hmm." },
  ],
  [{ role: "tool", name: "functions.f", recipient: "assistant", content: "x".repeat(5000) }],
];
const COMPLETIONS = [
  "<|channel|>analysis<|message|>Größe 😀 ❤️‍🔥<|end|><|start|>assistant<|channel|>final<|message|>4.",
  '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": "日本語"}<|call|>',
];

function tokensOf(encoding: HarmonyEncoding, completion: string): number[] {
  return [...encoding.encode(completion, { allowedSpecial: "all" })];
}

/** Every property of a parser. */
function view(parser: StreamableParser): object {
  const { currentContent, currentRole, currentChannel, currentRecipient } = parser;
  const { currentContentType, lastContentDelta, state, stateData } = parser;
  const current = { currentContent, currentRole, currentChannel, currentRecipient };
  const lists = { messages: [...parser.messages], tokens: [...parser.tokens] };
  return { ...current, currentContentType, lastContentDelta, state, stateData, ...lists };
}

/** The properties of a parser after each token, one step at a time. */
function* views(copy: Package, completion: string): Generator<object> {
  const encoding = copy.loadHarmonyEncodingSync();
  using parser = new copy.StreamableParser(encoding, "assistant");
  for (const token of tokensOf(encoding, completion)) yield view(parser.process(token));
  yield view(parser.processEos());
}

describe("two copies side by side", () => {
  it("render and parse the same, alternately", async () => {
    const [one, two] = await Promise.all([freshCopy(), freshCopy()]);
    const [first, second] = [one.loadHarmonyEncodingSync(), two.loadHarmonyEncodingSync()];
    expect(first).not.toBe(second);
    for (const [index, conversation] of CONVERSATIONS.entries()) {
      const tokens = first.renderConversation(conversation);
      const completion = tokensOf(second, COMPLETIONS[index % 2] ?? "");
      const messages = first.parseMessagesFromCompletionTokens(completion, "assistant");
      expect(second.renderConversation(conversation)).toEqual(tokens);
      expect(second.parseMessagesFromCompletionTokens(completion, "assistant")).toEqual(messages);
      expect(first.decodeUtf8(tokens)).toBe(second.decodeUtf8(tokens));
      expect(first.decodeUtf8(tokens)).toContain("<|message|>");
    }
  });

  it("stream alternately as each does alone", async () => {
    const [one, two] = await Promise.all([freshCopy(), freshCopy()]);
    const alone = COMPLETIONS.map((completion) => [...views(one, completion)]);
    const sources = [one, two, one, two].map((copy, at) => views(copy, COMPLETIONS[at >> 1] ?? ""));
    const seen: object[][] = sources.map(() => []);
    const longest = Math.max(...alone.map((steps) => steps.length));
    for (let step = 0; step < longest; step += 1) {
      for (const [at, source] of sources.entries()) {
        const next = source.next();
        if (!next.done) seen[at]?.push(next.value);
      }
    }
    expect(seen).toEqual([alone[0], alone[0], alone[1], alone[1]]);
  });

  it("refuse each other's encodings", async () => {
    const other = freshCopy(new URL("node.js", installedAgain()));
    const [one, two] = await Promise.all([freshCopy(), other]);
    const [first, second] = [one.loadHarmonyEncodingSync(), two.loadHarmonyEncodingSync()];
    const failure = await failureOf(() => new one.StreamableParser(second));
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain('"encoding" expected a HarmonyEncoding, got an object');
    expect(String(failure)).toContain("of another copy of harmony-wasm");
    expectToWork(first);
    expectToWork(second);
  });
});

/**
 * No input traps, so the stack is filled first: at some depth, a call can begin
 * but not finish.
 */
async function trap(encoding: HarmonyEncoding): Promise<unknown> {
  let failure: unknown;
  const dive = (): void => {
    try {
      dive();
    } catch {
      // The stack is full; try again one level up.
    }
    if (failure !== undefined) return;
    try {
      encoding.encodeOrdinary("the quick brown fox, xqzjkw ".repeat(40));
    } catch (error) {
      if (error instanceof Error && error.name === "HarmonyError") failure = error;
    }
  };
  dive();
  return failure;
}

const CALLS: [what: string, call: (encoding: HarmonyEncoding) => unknown][] = [
  ["renderConversation", (encoding) => encoding.renderConversation([])],
  ["renderConversationForCompletion", (e) => e.renderConversationForCompletion([], "user")],
  ["renderConversationForTraining", (encoding) => encoding.renderConversationForTraining([])],
  ["render", (encoding) => encoding.render({ role: "user", content: "" })],
  ["parseMessagesFromCompletionTokens", (e) => e.parseMessagesFromCompletionTokens([])],
  ["encode", (encoding) => encoding.encode("x")],
  ["encodeOrdinary", (encoding) => encoding.encodeOrdinary("x")],
  ["countTokens", (encoding) => encoding.countTokens("x")],
  ["decode", (encoding) => encoding.decode([1])],
  ["decodeUtf8", (encoding) => encoding.decodeUtf8([1])],
  ["decodeBytes", (encoding) => encoding.decodeBytes([1])],
];

const copy = await freshCopy();
const lost = await copy.loadHarmonyEncoding();
const parser = new copy.StreamableParser(lost, "assistant").process([200008, 24912]);
const failure = await trap(lost);
const next = await copy.loadHarmonyEncoding();

describe("an instance that has trapped", () => {
  it("reports it, with the cause", () => {
    expect(failure).toBeInstanceOf(copy.HarmonyError);
    expect(failure).toMatchObject({ code: "instance_lost", cause: expect.any(Error) });
    expect(Object(failure).cause).toBeInstanceOf(Error);
  });

  it.each(CALLS)("refuses %s", (_, call) => {
    expect(() => call(lost)).toThrow(expect.objectContaining({ code: "instance_lost" }));
    expect(() => call(next)).not.toThrow();
  });

  it("refuses to create a parser", () => {
    const lostError = expect.objectContaining({ code: "instance_lost" });
    expect(() => new copy.StreamableParser(lost)).toThrow(lostError);
  });

  const members = Object.getOwnPropertyNames(copy.StreamableParser.prototype);
  const used = members.filter((name) => name !== "constructor" && name !== "dispose");
  it.each(used)("refuses %s of its parsers", (name) => {
    const use = () => {
      const member: unknown = Reflect.get(parser, name);
      return typeof member === "function" ? Reflect.apply(member, parser, [[1]]) : member;
    };
    expect(use).toThrow(expect.objectContaining({ code: "instance_lost" }));
  });
});

describe("after a trap", () => {
  it("parsers can be disposed of, once or more", () => {
    expect(() => {
      parser.dispose();
      parser[Symbol.dispose]();
    }).not.toThrow();
  });

  it("the next load creates a working instance beside it", async () => {
    expect(next).not.toBe(lost);
    expect(await copy.loadHarmonyEncoding()).toBe(next);
    expect(copy.loadHarmonyEncodingSync()).toBe(next);
    expectToWork(next);
    using beside = new copy.StreamableParser(next, "assistant");
    expect(beside.process([200008, 24912, 2375]).currentContent).toBe("hello world");
  });
});

describe("the loads after a trap", () => {
  it("create a new instance synchronously, each time", async () => {
    const { loadHarmonyEncodingSync } = await freshCopy();
    const seen = new Set<HarmonyEncoding>();
    for (let round = 1; round <= 3; round += 1) {
      const encoding = loadHarmonyEncodingSync();
      expectToWork(encoding);
      expect(seen.add(encoding).size).toBe(round);
      expect(await trap(encoding)).toMatchObject({ code: "instance_lost" });
    }
  });

  it("share the new instance", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    await trap(await loadHarmonyEncoding());
    const [one, two] = await Promise.all([loadHarmonyEncoding(), loadHarmonyEncoding()]);
    expect(one).toBe(two);
    expectToWork(one);
  });
});

describe("a trap", () => {
  it("does not affect other copies", async () => {
    const [one, two] = await Promise.all([freshCopy(), freshCopy()]);
    const encoding = two.loadHarmonyEncodingSync();
    const parser = new two.StreamableParser(encoding, "assistant").process([200008, 24912]);
    expect(await trap(one.loadHarmonyEncodingSync())).toMatchObject({ code: "instance_lost" });
    expect(parser.process(2375).currentContent).toBe("hello world");
    expectToWork(encoding);
  });

  it("does not hide errors about arguments", async () => {
    const { loadHarmonyEncodingSync } = await freshCopy();
    const encoding = loadHarmonyEncodingSync();
    await trap(encoding);
    expect(await failureOf(() => encoding.encode(hostile(7)))).toBeInstanceOf(TypeError);
  });

  it("is harmless when forgotten parsers are collected", async () => {
    const { loadHarmonyEncodingSync, StreamableParser } = await freshCopy();
    const encoding = loadHarmonyEncodingSync();
    const finalized = Promise.withResolvers<void>();
    const registry = new FinalizationRegistry<void>(() => finalized.resolve());
    for (let at = 0; at < 1000; at += 1) {
      const parser = new StreamableParser(encoding, "user").process(200008);
      if (at === 0) registry.register(parser);
    }
    await trap(encoding);
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") throw new Error("there is no gc");
    collect();
    await finalized.promise;
    collect();
    await setImmediate();
    expectToWork(loadHarmonyEncodingSync());
  });
});
