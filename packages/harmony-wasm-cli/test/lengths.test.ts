/** Distributions of lengths: against sorted lists of all lengths. */

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  addedLengths,
  binsOf,
  bucketOf,
  bucketWidth,
  lengthsOf,
  NO_LENGTHS,
  quantileOf,
} from "../src/rows/lengths.ts";

const length = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 40_000_000 }));
const lists = fc.array(length, { maxLength: 300 });

it("a bucket has one length up to 1,023, and is at most 0.2 % wide above", () => {
  for (const each of [0, 1, 511, 512, 1023])
    expect([bucketOf(each), bucketWidth(each)]).toEqual([each, 1]);
  fc.assert(
    fc.property(length, (each) => {
      const [from, width] = [bucketOf(each), bucketWidth(each)];
      expect(from <= each && each < from + width).toBe(true);
      expect(bucketOf(from + width)).toBe(from + width);
      expect(each < 1024 ? width === 1 : width / each <= 0.002).toBe(true);
    }),
  );
});

it("adding distributions is the distribution of all", () => {
  fc.assert(
    fc.property(lists, lists, (one, other) => {
      const together = addedLengths(lengthsOf(one), lengthsOf(other));
      expect(together).toEqual(lengthsOf([...one, ...other]));
    }),
  );
  expect(addedLengths(NO_LENGTHS, NO_LENGTHS)).toEqual(lengthsOf([]));
});

it("quantiles are those of the sorted lengths, within a bucket", () => {
  fc.assert(
    fc.property(
      fc.array(length, { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (list, share) => {
        const sorted = list.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(1, Math.ceil(share * list.length)) - 1] ?? Number.NaN;
        expect(Math.abs(quantileOf(lengthsOf(list), share) - exact)).toBeLessThanOrEqual(
          exact * 0.001,
        );
      },
    ),
  );
});

it("the first and the last quantile are the shortest and the longest, exactly", () => {
  fc.assert(
    fc.property(fc.array(length, { minLength: 1 }), (list) => {
      const ends = [0, 1].map((share) => quantileOf(lengthsOf(list), share));
      expect(ends).toEqual([Math.min(...list), Math.max(...list)]);
    }),
  );
});

it("bins hold every length once, between their bounds", () => {
  fc.assert(
    fc.property(lists, (list) => {
      const bins = binsOf(lengthsOf(list), 20);
      expect(bins.length).toBeLessThanOrEqual(21);
      for (const { from, to, count } of bins) {
        expect(count).toBe(list.filter((each) => from <= each && each <= to).length);
      }
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
    }),
  );
});

it("an outlier gets a bin of its own and does not squeeze the others", () => {
  const usual = Array.from({ length: 500 }, (_, row) => 100 + (row % 50));
  const bins = binsOf(lengthsOf([...usual, 90_000]), 20);
  expect(bins.at(-1)).toMatchObject({ to: 90_000, count: 1 });
  expect(bins.length).toBeGreaterThan(15);
  expect(Math.max(...bins.map(({ count }) => count))).toBeLessThan(100);
});

it("an outlier among a few lengths does not, either", () => {
  const bins = binsOf(lengthsOf([5, 6, 7, 9, 13, 15, 66, 200_005]), 20);
  expect(bins.at(-1)).toMatchObject({ to: 200_005, count: 1 });
  expect(bins.slice(0, -1).filter(({ count }) => count > 0).length).toBeGreaterThan(3);
});
