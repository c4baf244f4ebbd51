import { expect, test } from "vitest";
import { quotedToday } from "../src/differential/debug-escapes.ts";

// U+1FACD came with Unicode 17; U+0365 extends a grapheme, U+0378 is unassigned.
test.each([
  [
    "a character of Unicode 17 is printed",
    String.raw`unexpected "\u{1facd}"`,
    'unexpected "\u{1facd}"',
  ],
  ["a combining mark stays escaped", String.raw`"\u{365}"`, String.raw`"\u{365}"`],
  ["an unassigned character stays escaped", String.raw`"\u{378}"`, String.raw`"\u{378}"`],
  ["a backslash before u stays text", String.raw`"\\u{1facd}"`, String.raw`"\\u{1facd}"`],
])("%s", (_, written, expected) => {
  expect(quotedToday({ error: written })).toEqual({ error: expected });
  expect(quotedToday({ states: [{ error: written }, { error: null }] })).toEqual({
    states: [{ error: expected }, { error: null }],
  });
});

test("nothing but errors changes", () => {
  const answer = { messages: [{ content: String.raw`\u{1facd}` }] };
  expect(quotedToday(answer)).toEqual(answer);
});
