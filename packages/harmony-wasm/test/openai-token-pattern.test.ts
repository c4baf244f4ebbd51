/** The pattern that llama.cpp's slices follow, at every cut. */

import { expect, test } from "vitest";
import type { MessageConstraint } from "../src/openai/constraints/message-constraint.ts";
import { TokenPattern } from "../src/openai/constraints/token-pattern.ts";

const piece = (...tokens: number[]) => ({ text: "", tokens });
const JSON_CONTENT = { type: "json" as const, schema: "{}" };
const TEXT = { type: "text" as const };
const constraint: MessageConstraint = {
  mustCall: false,
  before: [
    { header: piece(1, 2), end: piece(8, 9) },
    { header: piece(1, 3), end: piece(8, 9) },
  ],
  last: [
    { header: piece(1, 4), content: TEXT },
    { header: piece(1, 4, 5), content: JSON_CONTENT },
    { header: piece(6), content: JSON_CONTENT },
  ],
};

/** How many ids belong to the pattern. */
function followed(tokens: readonly number[]): { pattern: TokenPattern; count: number } {
  const pattern = new TokenPattern(constraint);
  const count = tokens.findIndex((token) => !pattern.push(token));
  return { pattern, count: count < 0 ? tokens.length : count };
}

test.each([
  [[6], JSON_CONTENT],
  [[1, 4], TEXT],
  [[1, 2, 8, 9, 6], JSON_CONTENT],
  [[1, 2, 70, 71, 8, 9, 1, 3, 72, 8, 9, 6], JSON_CONTENT],
  [[1, 3, 70, 8, 9, 1, 4], TEXT],
])("%j is the header of a last message", (tokens, content) => {
  const { pattern, count } = followed(tokens);
  expect([count, pattern.content]).toEqual([tokens.length, content]);
});

test.each([
  [[7], 0],
  [[1, 7], 1],
  // The preamble comes after the analysis, and each comes once.
  [[1, 3, 8, 9, 1, 2], 5],
  [[1, 2, 8, 9, 1, 2], 5],
  [[1, 2, 8, 7], 3],
])("%j leaves it at %i", (tokens, at) => {
  expect(followed(tokens).count).toBe(at);
});

test("the grammar is of what may still come", () => {
  const rest = (tokens: readonly number[]) => followed(tokens).pattern.grammar.split("\n")[0];
  expect(rest([1, 2, 70])).toBe(
    "root ::= text <[8]> <[9]> <[1]> <[4]> | text <[8]> <[9]> <[1]> <[4]> <[5]> | " +
      "text <[8]> <[9]> <[6]> | text <[8]> <[9]> <[1]> <[3]> text <[8]> <[9]> <[1]> <[4]> | " +
      "text <[8]> <[9]> <[1]> <[3]> text <[8]> <[9]> <[1]> <[4]> <[5]> | " +
      "text <[8]> <[9]> <[1]> <[3]> text <[8]> <[9]> <[6]>",
  );
  expect(rest([1, 2, 8])).toMatch(/^root ::= <\[9\]> /);
  expect(rest([1])).toContain("<[2]> text");
});
