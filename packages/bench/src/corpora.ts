/**
 * The texts that are measured: English documentation, source code, and a mix
 * of twenty scripts. They are made of files that every checkout has at hand
 * (the crates of Cargo.lock, the packages of pnpm-lock.yaml, the vectors, and
 * Node's own locale data), so none of them enters the repository, and the same
 * lock files and Node give the same texts: {@link Corpora.sha256} says so.
 *
 * A corpus has two halves without a document in common. An encoder warms up on
 * one; the other is new to it.
 */

import { createHash } from "node:crypto";
import { type Random, randomFrom, shuffled } from "./random.ts";
import { scriptsMix } from "./scripts-mix.ts";
import { crates, packages, type Source, textOf } from "./sources.ts";

/** The corpora, in the order of the tables. */
export const CORPUS_NAMES = ["english", "code", "scripts"] as const;
export type CorpusName = (typeof CORPUS_NAMES)[number];

/** Documents to warm up on, and documents to be measured with. */
export interface Corpus {
  warmUp: string[];
  measured: string[];
}

/** All corpora, with a hash over them. */
export interface Corpora {
  texts: Record<CorpusName, Corpus>;
  sha256: string;
}

const SEED = 20;
const HALF_BYTES = 1_500_000;
/** No file may weigh more than a few others, and no crate more than a few files. */
const DOCUMENT_CHARACTERS = 12_000;
const FILES_PER_SOURCE = 12;
/** Where lines are longer than this on average, a program wrote the file. */
const LINE_CHARACTERS = 120;

const NO_PROSE = /change|release|history|licen|copying|conduct|third.?party/i;

/** Makes all corpora; `share` makes them smaller, for a quick look. */
export function makeCorpora(share = 1): Corpora {
  const random = randomFrom(SEED);
  const half = HALF_BYTES * share;
  const texts = {
    english: halves(shuffled(english(random), random), half),
    code: halves(shuffled(code(random), random), half),
    scripts: halves(shuffled(scriptsMix(random), random), half),
  };
  return { texts, sha256: createHash("sha256").update(JSON.stringify(texts)).digest("hex") };
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

function english(random: Random): string[] {
  return crates().flatMap((crate) => {
    const prose = picked(crate, [".md"], random).filter(([file]) => !NO_PROSE.test(file));
    const documented = picked(crate, [".rs"], random).map(([, text]) => docComments(text));
    return usable([...prose.map(([, text]) => text), ...documented].map(withoutCode));
  });
}

function code(random: Random): string[] {
  const rust = crates().flatMap((crate) => picked(crate, [".rs"], random));
  const script = packages().flatMap((each) => picked(each, [".js", ".mjs", ".ts"], random));
  return usable([...balanced(rust, script)].map(([, text]) => text));
}

/** As many of one as of the other. */
function balanced<T>(left: T[], right: T[]): T[] {
  const count = Math.min(left.length, right.length);
  return [...left.slice(0, count), ...right.slice(0, count)];
}

/** A few files of a source, as [path, text]. */
function picked(source: Source, endings: string[], random: Random): [string, string][] {
  const files = source.files.filter((file) => endings.some((ending) => file.endsWith(ending)));
  return shuffled(files, random)
    .slice(0, FILES_PER_SOURCE)
    .map((file) => [file, textOf(source, file)]);
}

/** Prose only: what a crate says of its items, without the code around it. */
function docComments(rust: string): string {
  const lines = rust.match(/^\s*\/\/[/!].*$/gm) ?? [];
  return lines.map((line) => line.replace(/^\s*\/\/[/!] ?/, "")).join("\n");
}

/** Without the examples and badges, which are the other corpus. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$|^.*img\.shields.*$/gm, "").replace(/\n{3,}/g, "\n\n");
}

/** Documents by hand, each once, without special tokens, which peers treat each in its way. */
function usable(texts: string[]): string[] {
  const byHand = texts
    .map((text) => text.slice(0, DOCUMENT_CHARACTERS).toWellFormed())
    .filter((text) => text.length > 400 && !text.includes("<|"))
    .filter((text) => text.length / text.split("\n").length < LINE_CHARACTERS);
  return [...new Set(byHand)];
}

/** Documents by turns to either half, until both are full. */
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
