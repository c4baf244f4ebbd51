/**
 * Every hostile value in every parameter throws the right error, and the encoding
 * keeps working. Then cases that do not fit a row of hostile-values.ts.
 */

import { readFileSync } from "node:fs";
import * as harmony from "harmony-wasm";
import {
  HarmonyEncoding,
  HarmonyError,
  loadHarmonyEncodingSync,
  StreamableParser,
  systemMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { LOAD_ERROR_CODES } from "../src/errors.js";
import { ERROR_CODES } from "../src/generated/constants.js";
import { DROPPED } from "./hostile-messages.js";
import { type Call, PLACES } from "./hostile-places.js";
import { PROCESS, type Row } from "./hostile-values.js";
import { expectToWork, failureOf, hostile } from "./support.js";

function kindOf(failure: unknown): unknown {
  if (failure instanceof HarmonyError) return failure.code;
  const builtIn = [TypeError, RangeError].find((kind) => failure instanceof kind);
  return builtIn ? builtIn.name : failure;
}

async function expectFailure(row: Row, parameter: string, call: Call): Promise<void> {
  const encoding = loadHarmonyEncodingSync();
  const [, value, kind, says, where] = row;
  const failure = await failureOf(() => call(encoding, hostile(value)));
  expect(kindOf(failure)).toBe(kind);
  expect(failure).toHaveProperty("message");
  expect(String(failure)).toContain(says.replace("$", () => parameter));
  expect(Object(failure).path).toBe(typeof where === "string" ? where : undefined);
  expect(Object(failure).index).toBe(typeof where === "number" ? where : undefined);
  expectToWork(encoding);
  expect(loadHarmonyEncodingSync()).toBe(encoding);
}

for (const [method, parameters] of Object.entries(PLACES)) {
  describe.each(Object.entries(parameters))(`${method}: %s`, (parameter, [rows, call]) => {
    it.each(rows.map((row) => [row[0], row] as const))("%s", (_, row) =>
      expectFailure(row, parameter, call),
    );
  });
}

/** Every method of a class and of its parents, without JavaScript's own. */
function methodsOf(prototype: object): [name: string, parameters: number][] {
  const own = Object.entries(Object.getOwnPropertyDescriptors<object>(prototype))
    .map(([name, { value }]): [string, unknown] => [name, value])
    .filter(([name]) => name !== "constructor")
    .flatMap(([name, value]): [string, number][] =>
      typeof value === "function" && value.length > 0 ? [[name, value.length]] : [],
    );
  const parent: object = Object.getPrototypeOf(prototype);
  const builtIn = [Object.prototype, Error.prototype, TransformStream.prototype];
  return builtIn.includes(parent) ? own : [...own, ...methodsOf(parent)];
}

describe("the table", () => {
  const isClass = (value: unknown): value is { name: string; prototype: object } =>
    typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
  const classes = Object.values<unknown>(harmony).filter(isClass);
  const methods = classes.flatMap((type) => methodsOf(type.prototype));

  it("covers every exported class", () => {
    expect(classes).toContain(HarmonyEncoding);
    expect(classes).toContain(StreamableParser);
    expect(methods.length).toBeGreaterThanOrEqual(17);
    const derived = Object.create(HarmonyEncoding.prototype, {
      added: { value: (given: unknown) => given },
    });
    expect(methodsOf(derived).map(([name]) => name)).toEqual(
      expect.arrayContaining(["added", "decode", "renderConversation"]),
    );
  });

  it.each(methods)("has every parameter of %s", (name, count) => {
    const parameters = Object.keys(PLACES[name] ?? {}).filter((place) => !place.includes("."));
    expect(parameters).toHaveLength(count);
  });
});

const own = new Error("the user's own");
const fail = (): never => {
  throw own;
};
const getter = (name: PropertyKey) => {
  return Object.defineProperty({}, name, { get: fail, enumerable: true });
};
const proxy = new Proxy(
  {},
  { get: fail, ownKeys: fail, has: fail, getOwnPropertyDescriptor: fail },
);
const content = { role: "user", content: [getter("text")] };
const iterables = [{ [Symbol.iterator]: fail }, { [Symbol.iterator]: () => ({ next: fail }) }];
const cases: [what: string, call: Call, value: unknown][] = [
  ["a getter in a conversation", (e, v) => e.renderConversation(v), [content]],
  ["a Proxy for a conversation", (e, v) => e.renderConversation(v), proxy],
  ["a Proxy in an array", (e, v) => e.renderConversation(v), [proxy]],
  ["a Proxy of an array", (e, v) => e.renderConversation(v), new Proxy([1], { get: fail })],
  ["a toStringTag", (e, v) => e.renderConversation(v), getter(Symbol.toStringTag)],
  ["a getter in a message", (e, v) => e.render(v), content],
  ["a Proxy for a message", (e, v) => e.render(v), proxy],
  ["config", (e, v) => e.renderConversation([], v), getter("auto_drop_analysis")],
  ["a Proxy for config", (e, v) => e.renderConversationForTraining([], v), proxy],
  ["render's options", (e, v) => e.render("{}", v), getter("conversation_has_function_tools")],
  ["the options of spans", (e, v) => e.renderWithSpans([], v), getter("messages")],
  ["iterated messages", (e, v) => e.renderWithSpans([], { messages: v }), iterables[1]],
  ["encode's options", (e, v) => e.encode("x", v), getter("disallowedSpecial")],
  ["parse's options", (e, v) => e.parseMessagesFromCompletionTokens([], null, v), proxy],
  ["a parser's options", (e, v) => new StreamableParser(e, null, v), getter("strict")],
  ["the content of a system message", (_, v) => systemMessage(v), getter("tools")],
  ["an array of ids", (e, v) => e.decode(v), Object.defineProperty([1, 2], 1, { get: fail })],
  ["a Proxy of ids", (e, v) => e.decode(v), new Proxy([1], { get: fail })],
  ["a Proxy in allowedSpecial", (e, v) => e.encode("x", { allowedSpecial: v }), proxy],
  ...iterables.flatMap((iterable): [string, Call, unknown][] => [
    ["iterated ids", (e, v) => e.decodeBytes(v), iterable],
    ["iterated ids of a completion", (e, v) => e.parseMessagesFromCompletionTokens(v), iterable],
    ["iterated ids of a parser", (e, v) => new StreamableParser(e).process(v), iterable],
    ["iterated specials", (e, v) => e.encode("x", { disallowedSpecial: v }), iterable],
  ]),
];

describe("the user's own error", () => {
  it.each(cases)("is passed on unchanged: %s", async (_, call, value) => {
    const encoding = loadHarmonyEncodingSync();
    expect(await failureOf(() => call(encoding, hostile(value)))).toBe(own);
    expectToWork(encoding);
  });
});

describe("a parser", () => {
  it("is unchanged after every refused value", async () => {
    const parser = new StreamableParser(loadHarmonyEncodingSync(), "assistant");
    const refused = PROCESS.filter(([, , kind]) => kind !== "parse_failed");
    for (const [, value] of refused) {
      expect(await failureOf(() => parser.process(hostile(value)))).toBeInstanceOf(Error);
    }
    expect([...parser.tokens]).toEqual([]);
    parser.process([200008, 24912, 2375, 200007]);
    expect([...parser.messages]).toEqual([{ role: "assistant", content: "hello world" }]);
  });

  const members = Object.getOwnPropertyNames(StreamableParser.prototype);
  const used = members.filter((name) => name !== "constructor" && name !== "dispose");
  it.each(used)("refuses %s after dispose", async (name) => {
    const encoding = loadHarmonyEncodingSync();
    const parser = new StreamableParser(encoding);
    parser.dispose();
    const use = () => {
      const member: unknown = Reflect.get(parser, name);
      return typeof member === "function" ? Reflect.apply(member, parser, [[1]]) : member;
    };
    expect(use).toThrow(new TypeError("this StreamableParser has been disposed"));
    expectToWork(encoding);
  });
});

describe("a Uint32Array", () => {
  class Loud extends Uint32Array {
    override get length(): number {
      throw new Error("nobody should ask");
    }
  }
  const ids = [24912, 2375];
  const withLength = (value: number) => {
    return Object.defineProperty(Uint32Array.from(ids), "length", { value });
  };
  it.each([
    ["says it is shorter", withLength(1)],
    ["says it is longer", withLength(5)],
    ["has a length that throws", Object.setPrototypeOf(Uint32Array.from(ids), Loud.prototype)],
  ])("is read by its contents when it %s", (_, value: Uint32Array) => {
    const encoding = loadHarmonyEncodingSync();
    expect(encoding.decode(value)).toBe("hello world");
    expectToWork(encoding);
  });
});

describe("a conversation", () => {
  it("is refused at the message that is rendered", () =>
    expectFailure(DROPPED, "conversation", (encoding, value) =>
      encoding.renderConversation(value),
    ));

  it("does not lose a NaN behind toJSON", () => {
    const encoding = loadHarmonyEncodingSync();
    const tools = { f: { name: "f", tools: [{ name: "g", description: "", parameters: {} }] } };
    const parameters = { type: "object", properties: { a: { type: "number", default: NaN } } };
    Object.assign(tools.f.tools[0] ?? {}, { parameters });
    const content = [{ type: "developer_content" as const, tools }];
    const hidden = Object.create({
      toJSON: () => ({ messages: [{ role: "developer", content }] }),
    });
    expect(() => encoding.renderConversation(hidden)).toThrow(/^"conversation.* expected /);
    expectToWork(encoding);
  });
});

describe("docs/errors.md", () => {
  const codes = [...ERROR_CODES, ...LOAD_ERROR_CODES];
  /** The files that test a code, where it is not this one. */
  const elsewhere: Record<(typeof LOAD_ERROR_CODES)[number], string> = {
    load_failed: "load.test.ts",
    instance_lost: "instances.test.ts",
  };
  const fileOf = (place: string) => readFileSync(new URL(place, import.meta.url), "utf8");

  it("lists every code", () => {
    const rows = fileOf("../../../docs/errors.md").match(/^\|.*\|$/gm) ?? [];
    const listed = rows.flatMap((row) => row.split("|")[4]?.match(/(?<=`)\w+(?=`)/g) ?? []);
    expect([...new Set(listed)].sort()).toEqual([...codes].sort());
  });

  it("lists codes that are tested", () => {
    const rows = Object.values(PLACES).flatMap((parameters) => Object.values(parameters));
    const met = new Set<string>(rows.flatMap(([rows]) => rows.map(([, , kind]) => kind)));
    expect(ERROR_CODES.filter((code) => !met.has(code))).toEqual([]);
    const untested = Object.entries(elsewhere).filter(
      ([code, file]) => !fileOf(file).includes(`"${code}"`),
    );
    expect(untested).toEqual([]);
  });
});
