/** Splits by hash: shares, stability, and what the flag accepts. */

import { expect, it } from "vitest";
import { digestOf } from "../src/rows/digest.ts";
import { REST, sharesOf, splitNames, splitOf } from "../src/selection/split.ts";

const KEYS = Array.from({ length: 40_000 }, (_, row) => digestOf(`row ${row}`));
const shares = sharesOf(["validation=5%", "test=0.1"]);
const options = { shares, seed: "" };

function countsOf(given: typeof options) {
  const counts: Record<string, number> = {};
  for (const key of KEYS) {
    const name = splitOf(key, given);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

it("gives each split its share, and the rest to train", () => {
  expect(splitNames(options)).toEqual([REST, "validation", "test"]);
  const counts = countsOf(options);
  // Five standard deviations of a binomial: 5 % is 2,000 ± 218, 10 % is 4,000 ± 300.
  expect(Math.abs((counts.validation ?? 0) - 2000)).toBeLessThan(218);
  expect(Math.abs((counts.test ?? 0) - 4000)).toBeLessThan(300);
});

it("is the same in every release, for ids and for the value of a field", () => {
  const found = KEYS.slice(0, 40).flatMap((key, row) =>
    splitOf(key, options) === REST ? [] : row,
  );
  expect(found).toMatchInlineSnapshot(`
    [
      1,
      10,
      12,
      14,
      28,
    ]
  `);
  expect(
    ['"a"', '"b"', "17", "null"].map((key) =>
      splitOf(key, { shares: sharesOf(["v=50%"]), seed: "1" }),
    ),
  ).toMatchInlineSnapshot(`
    [
      "v",
      "train",
      "train",
      "train",
    ]
  `);
});

it("a larger share keeps the keys of the smaller one, and another seed draws others", () => {
  const inOf = (share: string, seed = "") =>
    new Set(KEYS.filter((key) => splitOf(key, { shares: sharesOf([`v=${share}`]), seed }) === "v"));
  const [small, large, other] = [inOf("1%"), inOf("3%"), inOf("1%", "7")];
  expect([...small].every((key) => large.has(key))).toBe(true);
  expect([...small].filter((key) => other.has(key)).length).toBeLessThan(20);
});

it.each([
  "validation",
  "validation=",
  "validation=0",
  "validation=100%",
  "validation=1",
  "=1%",
  "train=10%",
  "../x=1%",
  "a b=1%",
  "v=-1%",
  "v=x",
])("refuses %s", (text) => {
  expect(() => sharesOf([text])).toThrow(/^--split: expected a name and a share/);
});

it("refuses two splits of one name, and shares that leave nothing", () => {
  expect(() => sharesOf(["v=1%", "v=2%"])).toThrow("--split: two splits have the same name");
  expect(() => sharesOf(["v=60%", "w=40%"])).toThrow(
    '--split: the shares leave no rows for "train"',
  );
});
