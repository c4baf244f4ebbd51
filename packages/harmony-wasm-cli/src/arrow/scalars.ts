/** Decimals, dates, times and timestamps of Arrow data, for JSON: every digit is kept. */

import { type Data, DataType } from "apache-arrow";

/** A decimal number. */
export class Decimal {
  readonly #text: string;

  /** `scale` digits of `unscaled` are behind the point. */
  constructor(unscaled: bigint, scale: number) {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
    const point = digits.length - scale;
    const fraction = scale > 0 ? `.${digits.slice(point)}` : "";
    this.#text = `${unscaled < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
  }

  toString(): string {
    return this.#text;
  }
}

/** A decimal, or a date, time or timestamp as ISO 8601 writes it; undefined for other types. */
export function scalarAt({ type, values }: Data, index: number): Decimal | string | undefined {
  if (DataType.isDecimal(type)) return decimalAt(values, index, type);
  if (DataType.isDate(type)) return dateText(values[index], type.unit === 0);
  if (DataType.isTime(type)) return timeText(BigInt(values[index]), type.unit);
  if (!DataType.isTimestamp(type)) return undefined;
  return timestampText(BigInt(values[index]), type.unit, (type.timezone ?? "") !== "");
}

/** The 32-bit words of a decimal, the last of which has the sign. */
function decimalAt(
  words: Uint32Array,
  index: number,
  { bitWidth, scale }: { bitWidth: number; scale: number },
): Decimal {
  const count = bitWidth / 32;
  const own = words.subarray(index * count, (index + 1) * count);
  const sum = own.reduceRight((high, word) => (high << 32n) | BigInt(word), 0n);
  return new Decimal(BigInt.asIntN(bitWidth, sum), scale);
}

/** `value` counts days or milliseconds. */
function dateText(value: number | bigint, isDays: boolean): string {
  const milliseconds = isDays ? BigInt(value) * 86_400_000n : BigInt(value);
  return timestampText(milliseconds, 1, false).replace(/T00:00:00\.000$/, "");
}

/** The time of a day. */
function timeText(ticks: bigint, unit: number): string {
  return timestampText(ticks, unit, false).replace(/^1970-01-01T/, "");
}

/** `unit` is that of Arrow: 0 for seconds, and each next one has three digits more. */
function timestampText(ticks: bigint, unit: number, isUtc: boolean): string {
  const inSecond = 10n ** BigInt(3 * unit);
  const rest = ((ticks % inSecond) + inSecond) % inSecond;
  const date = new Date(Number((ticks - rest) / inSecond) * 1000);
  if (Number.isNaN(date.getTime())) return String(ticks); // Beyond the years of ISO 8601.
  const fraction = unit > 0 ? `.${String(rest).padStart(3 * unit, "0")}` : "";
  return `${date.toISOString().slice(0, -5)}${fraction}${isUtc ? "Z" : ""}`;
}
