/** The reader of the vectors refuses files that break the format. */

import { expect, it } from "vitest";
import { vectorsOf } from "../src/vectors.ts";

const testCase = { name: "a", call: "encode", with: { text: { repeat: "ab", times: 2 } } };
const inputs = (...cases: object[]) => JSON.stringify({ about: "", cases });
const expected = (count: number) => JSON.stringify({ count, expected: { a: { tokens: [1] } } });

it("joins a case with its expectation and writes texts out", () => {
  expect(vectorsOf("file", inputs(testCase), expected(1))).toEqual([
    { id: "file/a", call: "encode", with: { text: "abab" }, expected: { tokens: [1] } },
  ]);
});

it.each([
  ["two cases have the same name", inputs(testCase, testCase), expected(2)],
  ["1 cases, but 2 expectations", inputs(testCase), expected(2)],
  ["file/b: nothing expected", inputs({ ...testCase, name: "b" }), expected(1)],
  ["unknown field wiht", inputs({ ...testCase, wiht: {} }), expected(1)],
])("refuses %s", (message, text, expectedText) => {
  expect(() => vectorsOf("file", text, expectedText)).toThrow(message);
});
