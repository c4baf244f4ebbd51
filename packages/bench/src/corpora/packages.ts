/** Texts from installed crates and packages: documentation, code, JSON, minified JavaScript, chat. */

import { type Random, shuffled } from "./random.ts";
import { crates, packages, pythonManual, type Source, textOf } from "./sources.ts";

/** No file may weigh more than a few others, and no package more than a few files. */
const DOCUMENT_CHARACTERS = 12_000;
const FILES_PER_SOURCE = 12;
const LEAST_CHARACTERS = 400;
/** Where lines are longer than this on average, a program wrote the file. */
const LINE_CHARACTERS = 120;

const NO_PROSE = /change|release|history|licen|copying|conduct|third.?party/i;

/** Documentation comments and Python's manual: prose with paths, identifiers and rare words. */
export function documentation(random: Random): string[] {
  const comments = crates().flatMap((crate) =>
    picked(crate, [".rs"], random).map(([, text]) => docComments(text)),
  );
  return byHand([...comments, ...parts(pythonManual())]);
}

/** Rust, JavaScript and TypeScript, as many files of crates as of packages. */
export function code(random: Random): string[] {
  const rust = crates().flatMap((crate) => picked(crate, [".rs"], random));
  const script = packages().flatMap((each) => picked(each, [".js", ".mjs", ".ts"], random));
  const count = Math.min(rust.length, script.length);
  return byHand([...rust.slice(0, count), ...script.slice(0, count)].map(([, text]) => text));
}

/** Markdown as chat models write it: headings, lists, tables, code between fences. */
export function chat(random: Random): string[] {
  const pages = [...crates(), ...packages()].flatMap((each) => picked(each, [".md"], random));
  return byHand(pages.filter(([file]) => !NO_PROSE.test(file)).map(([, text]) => text));
}

/** Configuration, data and schemas. */
export function json(random: Random): string[] {
  return distinct(packages().flatMap((each) => textsOf(each, [".json"], random)));
}

/** JavaScript from a bundler, names shortened, on few lines. */
export function minified(random: Random): string[] {
  const files = packages().flatMap((each) => textsOf(each, [".js", ".mjs", ".cjs"], random));
  return distinct(files.filter((text) => !isByHand(text)));
}

/** A few files of a source, as [path, text]. */
function picked(source: Source, endings: string[], random: Random): [string, string][] {
  const files = source.files.filter((file) => endings.some((ending) => file.endsWith(ending)));
  return shuffled(files, random)
    .slice(0, FILES_PER_SOURCE)
    .map((file) => [file, textOf(source, file)]);
}

function textsOf(source: Source, endings: string[], random: Random): string[] {
  return picked(source, endings, random).map(([, text]) => text);
}

/** Prose only: what a crate says of its items, without the code around it. */
function docComments(rust: string): string {
  const lines = rust.match(/^\s*\/\/[/!].*$/gm) ?? [];
  return lines.map((line) => line.replace(/^\s*\/\/[/!] ?/, "")).join("\n");
}

function parts(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${DOCUMENT_CHARACTERS}}`, "g")) ?? [];
}

function byHand(texts: string[]): string[] {
  return distinct(texts.filter(isByHand));
}

function isByHand(text: string): boolean {
  return text.length / text.split("\n").length < LINE_CHARACTERS;
}

/** Each once, without special tokens, which each peer treats in its own way. */
function distinct(texts: string[]): string[] {
  const cut = texts.map((text) => text.slice(0, DOCUMENT_CHARACTERS).toWellFormed());
  return [...new Set(cut)].filter((text) => text.length > LEAST_CHARACTERS && !text.includes("<|"));
}
