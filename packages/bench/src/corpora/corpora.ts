/**
 * The measured texts. They come from files that a checkout has at hand: the
 * crates of Cargo.lock, the packages of pnpm-lock.yaml, Python's own manual, the
 * vectors, Node's locale data and the translations in /usr/share/locale. None of
 * them enters the repository, and the same files give the same texts:
 * {@link Corpora.sha256} identifies them.
 *
 * A corpus has two halves. An encoder warms up on one and is measured on the
 * other, and no word of the measured half occurs in the warm-up
 * ({@link withoutWords}): an encoder that remembers words meets every word of
 * the measured half for the first time.
 */

import { createHash } from "node:crypto";
import { translations } from "./locales.ts";
import { logs } from "./logs.ts";
import { missRate, withoutWords, wordsIn } from "./new-words.ts";
import { chat, code, documentation, json, minified } from "./packages.ts";
import { type Random, randomFrom, shuffled } from "./random.ts";
import { scriptsMix } from "./scripts-mix.ts";

/** Documents to warm up on, and documents to be measured with. */
export interface Corpus {
  warmUp: string[];
  measured: string[];
}

/** How the documents of each corpus are made, in the order of the tables. */
const MAKERS = {
  documentation,
  code,
  logs,
  json,
  minified,
  chat,
  chinese: (random) => translations("zh_CN", random),
  japanese: (random) => translations("ja", random),
  korean: (random) => translations("ko", random),
  thai: (random) => translations("th", random),
  hindi: (random) => translations("hi", random),
  arabic: (random) => translations("ar", random),
  russian: (random) => translations("ru", random),
  scripts: scriptsMix,
} satisfies Record<string, (random: Random) => string[]>;

export type CorpusName = keyof typeof MAKERS;

/** The corpora, in the order of the tables. */
export const CORPUS_NAMES = Object.keys(MAKERS) as CorpusName[];

/** All corpora, with a hash over them. */
export interface Corpora {
  texts: Record<CorpusName, Corpus>;
  /** Of each measured half, the share of its words that are new when they are met. */
  misses: Record<CorpusName, number>;
  sha256: string;
}

const SEED = 20;
const HALF_BYTES = 800_000;

/** Makes all corpora; `share` makes them smaller, for a quick look. */
export function makeCorpora(share = 1): Corpora {
  const made = CORPUS_NAMES.map((name) => [name, makeCorpus(name, share)] as const);
  const texts = Object.fromEntries(made) as Record<CorpusName, Corpus>;
  const rates = made.map(([name, { measured }]) => [name, missRate(measured)] as const);
  const misses = Object.fromEntries(rates) as Record<CorpusName, number>;
  return {
    texts,
    misses,
    sha256: createHash("sha256").update(JSON.stringify(texts)).digest("hex"),
  };
}

/** The UTF-8 bytes of documents. */
export function bytesOf(documents: readonly string[]): number {
  return documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
}

/** Texts of 40 characters, each from another place. */
export function smallTexts(documents: readonly string[]): string[] {
  const texts = documents.flatMap((document) => document.match(/[\s\S]{40}/g) ?? []);
  return texts.filter((text) => text.isWellFormed());
}

function makeCorpus(name: CorpusName, share: number): Corpus {
  const random = randomFrom(SEED);
  const documents = shuffled(MAKERS[name](random), random);
  const { warmUp, measured } = halves(documents, HALF_BYTES * share);
  return { warmUp: withoutWords(warmUp, wordsIn(measured)), measured };
}

/** Documents to one half and the other, alternating, until both are full. */
function halves(documents: string[], bytes: number): Corpus {
  const corpus: Corpus = { warmUp: [], measured: [] };
  const left = { warmUp: bytes, measured: bytes };
  for (const [index, document] of [...new Set(documents)].entries()) {
    const half = index % 2 === 0 ? "warmUp" : "measured";
    if (left[half] <= 0) continue;
    corpus[half].push(document);
    left[half] -= Buffer.byteLength(document);
  }
  return corpus;
}
