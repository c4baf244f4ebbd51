/**
 * Plain English: no clause without a head ("what is left" for "the rest") more
 * than five times in 10,000 words, and none of the house's old stiff words, in
 * pages, comments, messages and names of tests.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, sourceFiles } from "./source-files.ts";

/** Everything that people read: pages, comments, messages and the names of tests. */
const READ_BY_PEOPLE = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "crates",
  "docs",
  "examples",
  "packages",
  "scripts",
  "test-vectors/README.md",
];
const AT_MOST = 5;
const PER_WORDS = 10_000;

const HEADLESS = /\bwhat (?:is|are|was|were|has|have|had)\b(?![^.]*\?)/gi;
const STIFF = [
  /\bstands?\b(?! in for)/gi,
  /\b(?:tells?|told)\b/gi,
  /\banew\b/gi,
  /\bmend(?:s|ed|ing)?\b/gi,
  /\b(?:go|goes|going|gone|went) on with\b/gi,
  /\b(?:take|takes|taking|took) in\b/gi,
  /\bha(?:s|ve) loss\b/gi,
  /(?<![Tt]here )\b(?:is|are) (?:none\b|no\b(?! longer))/g,
];

const READ = /\.(?:md|ts|mts|mjs|py|rs)$/;
/** This file, which contains the words that it forbids, and the copies of pages that the build writes. */
const LEFT_OUT = /\bprose\.test\.ts$|^packages\/harmony-wasm\/(?:docs\/|README\.md$)/;

interface Prose {
  place: string;
  text: string;
}

/** The lines of a file that people read. Code becomes empty, so that line numbers hold. */
function proseOf(path: string): Prose[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return proseIn(path, text)
    .split("\n")
    .map((line, at) => ({ place: `${path}:${at + 1}`, text: line }));
}

function proseIn(path: string, text: string): string {
  if (path.endsWith(".md")) return page(text);
  return path.endsWith(".py") ? python(text) : commentsAndTexts(text);
}

/** A page without its code. */
function page(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, blank).replaceAll(/`[^`\n]*`/g, "code");
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/g, "");
}

/** Comments, and strings of several words, of TypeScript, JavaScript and Rust. */
function commentsAndTexts(source: string): string {
  return lines(source, /^\s*(?:\/\/[/!]?|\/?\*+)(.*)$/, /\s\/\/ (.*)$/);
}

/** Docstrings, comments, and strings of several words. */
function python(source: string): string {
  const marked = source.replaceAll(/"""([\s\S]*?)"""/g, (_, text: string) =>
    text.replaceAll(/^/gm, "# "),
  );
  return lines(marked, /^.*?#(.*)$/, /\s# (.*)$/);
}

function lines(source: string, whole: RegExp, trailing: RegExp): string {
  const read = source.split("\n").map((line) => {
    const comment = whole.exec(line)?.[1] ?? trailing.exec(line)?.[1];
    const texts = [...line.matchAll(/["`]([^"`]* [^"`]*)["`]/g)].map(([, text]) => text);
    return comment ?? texts.join(". ");
  });
  return read.join("\n").replaceAll(/`[^`\n]*`/g, "code");
}

function found(prose: readonly Prose[], patterns: readonly RegExp[]): string[] {
  return prose.flatMap(({ place, text }) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([hit]) => `${place}: ${hit}`)),
  );
}

function wordsOf(prose: readonly Prose[]): number {
  return prose.reduce((sum, { text }) => sum + (text.match(/[\p{L}\d'’-]+/gu) ?? []).length, 0);
}

const prose = READ_BY_PEOPLE.flatMap((path) => sourceFiles(path, READ))
  .filter((path) => !LEFT_OUT.test(path))
  .flatMap(proseOf);

describe("pages, comments, messages and names of tests", () => {
  it("are read", () => expect(wordsOf(prose)).toBeGreaterThan(5_000));

  it("have none of the stiff words", () => expect(found(prose, STIFF)).toEqual([]));

  it("have few clauses without a head", () => {
    const clauses = found(prose, [HEADLESS]);
    const allowed = Math.floor((wordsOf(prose) * AT_MOST) / PER_WORDS);
    expect(clauses.slice(allowed), clauses.join("\n")).toEqual([]);
  });
});

it.each([
  ["a.ts", "// It stands there, written anew.", 2],
  ["a.ts", 'fail("output to stdout cannot be gone on with");', 1],
  ["a.ts", "// The string stands in for a server's answer and is no longer needed.", 0],
  ["a.ts", "const told = anew;", 0],
  ["a.rs", "//! It stands there.\n/// Anew.\nfn mend() {}", 2],
  ["a.py", 'def told() -> None:\n    """It stands there.\n\n    Anew."""\n    if x is None:', 2],
  ["a.py", "x = 1  # written anew", 1],
  ["a.md", "It stands there.\n```\nanew\n```\n", 1],
])("%s: %j has %i stiff words", (path, text, count) => {
  expect(found([{ place: path, text: proseIn(path, text) }], STIFF)).toHaveLength(count);
});
