/**
 * Random JSON as text: what an object of JavaScript could not carry. Numbers
 * of every make, keys that look like integers, escapes where none is needed.
 */

import type { Random } from "./texts.ts";

/** One of the items. */
export function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random(items.length)] ?? items[0];
}

const DIGITS = "0123456789";
const NOTABLE_NUMBERS = [
  "0",
  "-0",
  "0.0",
  "-0.0",
  "1.0",
  "0e0",
  "1e21",
  "1E21",
  "1e+21",
  "1e16",
  "1e15",
  "123456789012345680",
  "1e-5",
  "1e-6",
  "1e-7",
  "0.1",
  "0.30000000000000004",
  "5e-324",
  "-5e-324",
  "2.2250738585072014e-308",
  "2.2250738585072011e-308",
  "1.7976931348623157e308",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "-9223372036854775809",
  "18446744073709551615",
  "18446744073709551616",
  "1e-400",
] as const;
/** Read by nobody: a conversation with it is refused. */
const TOO_LARGE = "1e309";

const MAKES_OF_NUMBERS: ((random: Random) => string)[] = [
  (random) => oneOf(random, NOTABLE_NUMBERS),
  (random) => `${sign(random)}${random(1000)}`,
  // Integers up to and beyond 64 bits.
  (random) => sign(random) + integer(random, 1 + random(24)),
  (random) => sign(random) + integer(random, 17 + random(24)),
  // Decimals with more digits than a double holds.
  (random) => `${sign(random)}${integer(random, 1 + random(20))}.${digits(random, 1 + random(20))}`,
  (random) => sign(random) + integer(random, 1 + random(3)) + exponent(random, 330),
  (random) =>
    `${sign(random)}${integer(random, 1)}.${digits(random, 1 + random(18))}${exponent(random, 30)}`,
  // Every double is as likely as any other, subnormals among them.
  (random) => doubleOfBits(random(2 ** 32), random(2 ** 32)),
  (random) => doubleOfBits(random(2 ** 20) + (random(2) << 31), random(2 ** 32)),
];

/** A number as JSON may write it. */
export function numberText(random: Random): string {
  if (random(5000) === 0) return TOO_LARGE;
  return MAKES_OF_NUMBERS[random(MAKES_OF_NUMBERS.length)]?.(random) ?? "0";
}

/** A JSON string of the text, in which some characters are escaped for no reason. */
export function stringText(random: Random, text: string): string {
  const plain = JSON.stringify(text);
  if (random(6) > 0) return plain;
  const escaped = Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at);
    const isPart = unit >= 0xd800 && unit <= 0xdfff;
    if (isPart) return `\\u${hexadecimal(unit, random)}`;
    if (random(3) === 0) return unit === 0x2f ? "\\/" : `\\u${hexadecimal(unit, random)}`;
    return JSON.stringify(text[at]).slice(1, -1);
  });
  return `"${escaped.join("")}"`;
}

/** An object with its fields in random order; an undefined field is left out. */
export function objectText(
  random: Random,
  fields: readonly (readonly [string, string | undefined])[],
): string {
  const present = fields.filter(([, value]) => value !== undefined);
  for (let last = present.length - 1; last > 0; last -= 1) {
    const other = random(last + 1);
    const [a, b] = [present[last], present[other]];
    if (a && b) [present[last], present[other]] = [b, a];
  }
  const [colon, comma] = oneOf(random, [
    [":", ","],
    [": ", ", "],
    [" :\t", "\n,"],
  ]);
  return `{${present.map(([key, value]) => stringText(random, key) + colon + value).join(comma)}}`;
}

/** An array of up to `most` items. */
export function arrayText(random: Random, most: number, item: () => string): string {
  return `[${Array.from({ length: random(most + 1) }, item).join(random(2) === 0 ? "," : ", ")}]`;
}

function sign(random: Random): string {
  return random(2) === 0 ? "" : "-";
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => DIGITS[random(10)]).join("");
}

function integer(random: Random, count: number): string {
  return `${1 + random(9)}${digits(random, count - 1)}`;
}

function exponent(random: Random, largest: number): string {
  return oneOf(random, ["e", "E"]) + oneOf(random, ["", "+", "-"]) + random(largest - 22);
}

function doubleOfBits(high: number, low: number): string {
  const value = new Float64Array(new Uint32Array([low, high]).buffer)[0] ?? 0;
  return Number.isFinite(value) ? String(value) : "0";
}

function hexadecimal(unit: number, random: Random): string {
  const text = unit.toString(16).padStart(4, "0");
  return random(2) === 0 ? text : text.toUpperCase();
}
