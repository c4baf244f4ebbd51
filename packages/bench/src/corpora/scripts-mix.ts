/**
 * Text in twenty scripts: the words of the vectors' sentences, recombined at
 * random around names and dates from Node's locale data. The sentences alone
 * have some twenty words a language, which every encoder's cache would soon
 * hold; each name is used once, so the measured half has new words and not only
 * a new order.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../paths.ts";
import { type Random, shuffled } from "./random.ts";

/** Languages with the name of their case in the vectors: twenty scripts. */
const LANGUAGES: Record<string, string> = {
  de: "german",
  pl: "polish",
  vi: "vietnamese",
  el: "greek",
  ru: "russian",
  uk: "ukrainian",
  hy: "armenian",
  ka: "georgian",
  he: "hebrew",
  ar: "arabic",
  fa: "persian",
  hi: "hindi",
  bn: "bengali",
  pa: "gurmukhi",
  gu: "gujarati",
  ta: "tamil",
  te: "telugu",
  kn: "kannada",
  ml: "malayalam",
  th: "thai",
  my: "burmese",
  ko: "korean",
  zh: "chinese, simplified",
  ja: "japanese",
};

const LINES_PER_DOCUMENT = 12;
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Every code of a region or language; most of them have names. */
const PAIRS = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
const TRIPLES = PAIRS.flatMap((pair) => LETTERS.map((third) => (pair + third).toLowerCase()));

/** Documents of lines, each line in one language. */
export function scriptsMix(random: Random): string[] {
  const sentences = sentencesByCase();
  const lines = Object.entries(LANGUAGES).flatMap(([language, name]) =>
    linesOf(language, sentences.get(name) ?? "", random),
  );
  const mixed = shuffled(lines, random);
  const count = Math.ceil(mixed.length / LINES_PER_DOCUMENT);
  return Array.from({ length: count }, (_, index) =>
    mixed.slice(index * LINES_PER_DOCUMENT, (index + 1) * LINES_PER_DOCUMENT).join("\n"),
  );
}

function sentencesByCase(): Map<string, string> {
  const file = join(ROOT, "test-vectors", "inputs", "scripts.json");
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
    cases: { name: string; with: { text?: string | { join: string[] } } }[];
  };
  return new Map(
    cases.map(({ name, with: { text } }) => [
      name,
      typeof text === "object" ? text.join.join("") : (text ?? ""),
    ]),
  );
}

/** Lines of words, names and a date, until every name has been used. */
function linesOf(language: string, sentence: string, random: Random): string[] {
  const words = wordsOf(language, sentence);
  const space = /\s/.test(sentence) ? " " : "";
  const names = shuffled(namesIn(language), random);
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });
  const lines: string[] = [];
  while (names.length > 0) {
    const parts = names.splice(0, 3).flatMap((name) => [name, ...wordsAt(words, random)]);
    const date = dates.format(random(2 ** 31 - 1) * 1000);
    lines.push([...parts, date].join(space));
  }
  return lines;
}

/** The words and marks of a sentence. */
function wordsOf(language: string, sentence: string): string[] {
  const segments = [...new Intl.Segmenter(language, { granularity: "word" }).segment(sentence)];
  const words = segments.filter(({ segment }) => /\S/.test(segment));
  return words.map(({ segment }) => segment);
}

/** One to four words in a row, each chosen at random. */
function wordsAt(words: string[], random: Random): string[] {
  const count = 1 + random(4);
  return Array.from({ length: count }, () => words[random(words.length)] ?? "");
}

/** The language's own names of regions, languages and currencies. */
function namesIn(language: string): string[] {
  const named = (type: "region" | "language" | "currency", codes: string[]) => {
    const names = new Intl.DisplayNames(language, { type, fallback: "none" });
    return codes.map((code) => names.of(code)).filter((name) => name !== undefined);
  };
  const all = [
    ...named("region", PAIRS),
    ...named("language", TRIPLES),
    ...named(
      "language",
      PAIRS.map((pair) => pair.toLowerCase()),
    ),
    ...named("currency", Intl.supportedValuesOf("currency")),
  ];
  return [...new Set(all)];
}
