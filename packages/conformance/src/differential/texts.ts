/**
 * Random texts of several kinds. Random Unicode alone never reaches most
 * merges, so one kind joins entries of the vocabulary; the others concentrate on
 * the characters that the split pattern distinguishes.
 */

import type { HarmonyEncoding } from "harmony-wasm";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Integers from 0 to `below` - 1. */
export type Random = (below: number) => number;

/** A stream of random numbers that a seed repeats. */
export function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return (below) => uniformInt(generator, 0, below - 1);
}

const ORDINARY_TOKENS = 199_998;

/** First and last code point of the classes of the split pattern, and of scripts. */
const CLASSES: [number, number][] = [
  [0x61, 0x7a], // lower-case letters
  [0x41, 0x5a], // upper-case letters
  [0x30, 0x39], // digits
  [0x21, 0x2f], // punctuation
  [0x5b, 0x60],
  [0x00, 0x1f], // control characters, line ends among them
  [0x20, 0x20],
  [0x80, 0xff], // Latin-1, its signs and no-break space
  [0x100, 0x24f],
  [0x1c4, 0x1cc], // title case
  [0x2b0, 0x2ff], // modifier letters
  [0x300, 0x36f], // combining marks
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x591, 0x5f4],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  [0xe00, 0xe5b],
  [0x10a0, 0x10ff],
  [0x1100, 0x11ff],
  [0x2000, 0x206f], // spaces, joiners, directions
  [0x2070, 0x218b], // super- and subscripts, number forms
  [0x2460, 0x24ff], // circled numbers and letters
  [0x3000, 0x303f],
  [0x3040, 0x30ff],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xe000, 0xe0ff], // private use
  [0xfe00, 0xfe0f], // variation selectors
  [0xfff0, 0xffff],
  [0x10330, 0x1034a],
  [0x104b0, 0x104fb],
  [0x1d400, 0x1d7ff],
  [0x1f1e6, 0x1f1ff], // flags
  [0x1f300, 0x1faff],
  [0xe0100, 0xe01ef],
  [0x0, 0xd7ff], // anything
  [0xe000, 0x10ffff],
];

const SPACES = [
  " ",
  "  ",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "\u00a0",
  "\u2003",
  "\u3000",
  "\u0085",
  "\v",
  "a",
  "!",
  "7",
];
const CONTRACTIONS = [
  "'",
  "'",
  "s",
  "S",
  "ſ",
  "t",
  "re",
  "VE",
  "m",
  "Ll",
  "D",
  "x",
  "É",
  " ",
  "\u0301",
  "’",
];
const MARKUP = [
  "<|start|>",
  "<|end|>",
  "<|reserved_200500|>",
  "<|",
  "|>",
  "<",
  "|",
  "start",
  "<|endofprompt|>",
  " ",
];

type Make = (encoding: HarmonyEncoding, random: Random, length: number) => string;

/** Every kind by name; each text is about `length` UTF-16 units long. */
export const MAKES: Record<string, Make> = {
  "vocabulary entries": (encoding, random, length) =>
    pieces(length, () => encoding.decode([random(ORDINARY_TOKENS)])),
  "classes of Unicode": (_, random, length) => pieces(length, () => run(random, 1 + random(8))),
  "long unbroken pieces": (_, random, length) => pieces(length, () => run(random, 1 + random(200))),
  spaces: (_, random, length) => pieces(length, () => SPACES[random(SPACES.length)] ?? ""),
  contractions: (_, random, length) =>
    pieces(length, () => CONTRACTIONS[random(CONTRACTIONS.length)] ?? ""),
  "marks first": (_, random, length) =>
    pieces(length, () => String.fromCodePoint(0x300 + random(0x70)) + run(random, 1 + random(3))),
  markup: (_, random, length) => pieces(length, () => MARKUP[random(MARKUP.length)] ?? ""),
};

/** A text of a random kind. */
export function randomText(encoding: HarmonyEncoding, random: Random, length: number): string {
  const makes = Object.values(MAKES);
  return makes[random(makes.length)]?.(encoding, random, length) ?? "";
}

function pieces(length: number, piece: () => string): string {
  const parts: string[] = [];
  for (let total = 0; total < length; total += parts.at(-1)?.length ?? 0) parts.push(piece());
  return parts.join("");
}

/** Characters of one class. */
function run(random: Random, count: number): string {
  const [first, last] = CLASSES[random(CLASSES.length)] ?? [0x20, 0x20];
  return String.fromCodePoint(
    ...Array.from({ length: count }, () => first + random(last - first + 1)),
  );
}
