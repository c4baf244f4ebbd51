import { expect, test } from "vitest";
import { missRate, withoutWords, wordsIn } from "../src/corpora/new-words.ts";

const MEASURED = [
  "The cat sat on the mat, and the dog did not.\n",
  "Its owner's café was at 12345 Elm.",
];
const WARM_UP = [
  "The mouse sat under the table, and the cat did see it there.\nWhere was the dog's owner, at 1234567?",
  "the cat",
];

test("no word of the measured half is left in the warm-up", () => {
  const left = wordsIn(withoutWords(WARM_UP, wordsIn(MEASURED)));
  expect(left.size).toBeGreaterThan(3);
  expect([...left].filter((word) => wordsIn(MEASURED).has(word))).toEqual([]);
});

test("a word that appears when its neighbours are joined is removed as well", () => {
  const text = "The mouse sat under the table and over the chair: foo12bar";
  const [left] = withoutWords([text], new Set(["12", " foobar"]));
  expect(left).toBe("The mouse sat under the table and over the chair:");
});

test("the miss rate counts each word once as new", () => {
  expect(missRate(["a b a b"])).toBe(0.75);
  expect(missRate(["a b b b"])).toBe(0.5);
});
