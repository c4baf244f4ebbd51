/**
 * Conversations as objects have the ids of their JSON text. Compares `jsonBytes`
 * with `JSON.stringify` on random data; hostile.test.ts has the refused objects.
 */

import fc from "fast-check";
import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { jsonBytes } from "../src/check/json-bytes.js";

const encoding = loadHarmonyEncodingSync();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const written = (value: object) => {
  const bytes = jsonBytes(value);
  return bytes && decoder.decode(bytes);
};

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("a", '"', "\\", "\n", "\u0001", "\u007f", "é", "東", "🦄") }),
);
const { data } = fc.letrec<{ data: unknown; object: object }>((tie) => ({
  data: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom<unknown>(null, true, false, 0, -0, 1e21, 5e-324, undefined),
    tie("object"),
  ),
  object: fc.oneof(
    fc.array(
      tie("data").filter((item) => item !== undefined),
      { maxLength: 5 },
    ),
    fc.dictionary(fc.oneof(text, fc.constantFrom("7", "__proto__", "")), tie("data"), {
      maxKeys: 5,
    }),
  ),
}));

describe("jsonBytes", () => {
  it("writes what JSON.stringify writes", () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(written([value].filter((item) => item !== undefined))).toBe(
          JSON.stringify([value].filter((item) => item !== undefined)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each([1, 95, 96, 97, 5000])("writes texts of %i characters", (length) => {
    for (const unit of ["a", '"', "\n", "\u007f", "é", "東", "🦄"]) {
      const value = { [unit]: unit.repeat(length), after: [unit.repeat(length - 1)] };
      expect(written(value)).toBe(JSON.stringify(value));
    }
  });

  it.each<[what: string, value: object]>([
    ["a lone surrogate", ["\ud800"]],
    ["a lone surrogate in a long text", [`${"a".repeat(200)}\udc00`]],
    ["a lone surrogate in a key", { "\udfff": 1 }],
    ["a NaN", { a: NaN }],
    ["undefined in an array", [undefined]],
    ["a function", [() => 1]],
    ["a bigint", [1n]],
    ["a Map", new Map()],
    ["a toJSON", { toJSON: () => 1 }],
    ["200 levels", JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`)],
    ["more than a megabyte", ["a".repeat(1 << 20)]],
  ])("leaves %s to the writer of texts", (_, value) => {
    expect(jsonBytes(value)).toBeUndefined();
    expect(written([1])).toBe("[1]");
  });
});

describe("a conversation as an object", () => {
  const idsOf = (value: object) => [...encoding.renderConversation(value as never)];

  it.each([
    ["a few messages", 2],
    ["a hundred kilobytes", 2000],
    ["over a megabyte", 20_000],
  ])("of %s has the ids of its text", (_, count) => {
    const messages = Array.from({ length: count }, (_, at) =>
      userMessage(`Message "${at}" über 東京, ${"word ".repeat(at % 20)}\n`),
    );
    const text = encoding.renderConversation(JSON.stringify({ messages }));
    expect(idsOf({ messages }).join()).toBe(text.join());
  });

  it("can render another one while it is read", () => {
    const other = [userMessage("the other one, which is longer than the first")];
    const ids = idsOf(other);
    const message = {
      role: "user",
      get content() {
        expect(idsOf(other)).toEqual(ids);
        return "hello";
      },
    };
    expect(idsOf([message])).toEqual(idsOf([userMessage("hello")]));
    expect(idsOf(other)).toEqual(ids);
  });

  it("has the ids of one reading of its fields", () => {
    let reads = 0;
    const message = {
      role: "user",
      get content() {
        reads += 1;
        return `read ${reads}`;
      },
    };
    const ids = idsOf([message]);
    expect(ids).toEqual(idsOf([userMessage(`read ${reads}`)]));
  });

  it("does not affect the next after an error of the caller's", () => {
    const failing = {
      get role(): string {
        throw new Error("mine");
      },
    };
    expect(() => idsOf([failing])).toThrow("mine");
    expect(encoding.decode(idsOf([userMessage("after")]))).toContain("after");
  });
});
