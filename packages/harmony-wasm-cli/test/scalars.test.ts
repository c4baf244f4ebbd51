/** Decimals and times of Arrow data, against numbers whose text is known. */

import {
  DateDay,
  Decimal,
  makeData,
  TimeMicrosecond,
  TimeSecond,
  Timestamp,
  TimeUnit,
} from "apache-arrow";
import fc from "fast-check";
import { expect, it } from "vitest";
import { scalarAt } from "../src/arrow/scalars.ts";

/** The words of an integer, the lowest first. */
function wordsOf(value: bigint, bitWidth: number): Uint32Array<ArrayBuffer> {
  const bits = BigInt.asUintN(bitWidth, value);
  return Uint32Array.from({ length: bitWidth / 32 }, (_, word) =>
    Number((bits >> BigInt(32 * word)) & 0xffffffffn),
  );
}

it.each([
  [-5n, 3, 128, "-0.005"],
  [12345678901234567890n, 3, 128, "12345678901234567.890"],
  [-7n, 0, 128, "-7"],
  [0n, 2, 128, "0.00"],
  [-(10n ** 60n), 1, 256, `-1${"0".repeat(59)}.0`],
])("%s with %s digits behind the point is a number with every digit", (...given) => {
  const [unscaled, scale, bitWidth, expected] = given;
  const type = new Decimal(scale, 38, bitWidth);
  const other = wordsOf(1n, bitWidth);
  const words = Uint32Array.of(...other, ...wordsOf(unscaled, bitWidth));
  const data = makeData({ type, length: 2, data: words });
  expect(String(scalarAt(data, 1))).toBe(expected);
});

it("timestamps are ISO 8601 with the digits of their unit", () => {
  const text = (unit: TimeUnit, ticks: bigint, zone?: string) =>
    scalarAt(
      makeData({ type: new Timestamp(unit, zone), length: 1, data: BigInt64Array.of(ticks) }),
      0,
    );
  expect(text(TimeUnit.SECOND, -1n)).toBe("1969-12-31T23:59:59");
  expect(text(TimeUnit.NANOSECOND, -1n, "UTC")).toBe("1969-12-31T23:59:59.999999999Z");
  expect(text(TimeUnit.MICROSECOND, 10n ** 6n + 5n)).toBe("1970-01-01T00:00:01.000005");
  expect(text(TimeUnit.SECOND, 2n ** 62n)).toBe(String(2n ** 62n));
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const ticks = BigInt(date.getTime());
      expect(text(TimeUnit.MILLISECOND, ticks, "Europe/Oslo")).toBe(date.toISOString());
    }),
  );
});

it("dates are days", () => {
  const days = makeData({ type: new DateDay(), length: 2, data: Int32Array.of(-1, 19_782) });
  expect([0, 1].map((at) => scalarAt(days, at))).toEqual(["1969-12-31", "2024-02-29"]);
});

it("times are those of a day", () => {
  const seconds = makeData({ type: new TimeSecond(), length: 1, data: Int32Array.of(86_399) });
  expect(scalarAt(seconds, 0)).toBe("23:59:59");
  const data = BigInt64Array.of(0n, 1n);
  const micros = makeData({ type: new TimeMicrosecond(), length: 2, data });
  expect([0, 1].map((at) => scalarAt(micros, at))).toEqual(["00:00:00.000000", "00:00:00.000001"]);
});
