/**
 * Plain English: no clause without a head ("what is left" for "the rest") more
 * than five times in 10,000 words, and none of the house's old stiff words, in
 * the pages, comments and messages that have been rewritten.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Pages and folders that are clean, and stay so. The rest of the repository is still to come. */
const CLEAN = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs/runtimes.md",
  "docs/design-notes.md",
  "docs/training.md",
  "docs/scale.md",
  "docs/arrow-stdio.md",
  "docs/check-your-file.md",
  "docs/megatron-bridge.md",
  "docs/sft-with-trl.md",
  "docs/rl-sampled-ids.md",
  "docs/errors.md",
  "docs/from-python.md",
  "docs/recovery.md",
  "examples",
  "packages/harmony-wasm-cli/README.md",
  "packages/harmony-wasm-ray/README.md",
  "packages/runtimes/README.md",
  "packages/runtimes/src",
  "scripts",
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
  /(?<!there )\b(?:is|are) (?:none\b|no\b(?! longer))/gi,
];

interface Prose {
  place: string;
  text: string;
}

function filesOf(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:md|ts|mts|mjs)$/.test(file) && !file.includes("node_modules"))
    .map((file) => `${path}/${file}`);
}

/** The lines of a file that people read: code becomes empty, so that numbers of lines hold. */
function proseOf(path: string): Prose[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  const lines = path.endsWith(".md") ? page(text) : commentsAndTexts(text);
  return lines.split("\n").map((line, at) => ({ place: `${path}:${at + 1}`, text: line }));
}

/** A page without its code. */
function page(text: string): string {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, "");
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, blank).replaceAll(/`[^`\n]*`/g, "code");
}

/** Comments, and strings of several words. */
function commentsAndTexts(source: string): string {
  const lines = source.split("\n").map((line) => {
    const comment = /^\s*(?:\/\/|\/?\*+)(.*)$/.exec(line)?.[1] ?? /\s\/\/ (.*)$/.exec(line)?.[1];
    const texts = [...line.matchAll(/["`]([^"`]* [^"`]*)["`]/g)].map(([, text]) => text);
    return comment ?? texts.join(". ");
  });
  return lines.join("\n").replaceAll(/`[^`\n]*`/g, "code");
}

function found(prose: readonly Prose[], patterns: readonly RegExp[]): string[] {
  return prose.flatMap(({ place, text }) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([hit]) => `${place}: ${hit}`)),
  );
}

function wordsOf(prose: readonly Prose[]): number {
  return prose.reduce((sum, { text }) => sum + (text.match(/[\p{L}\d'’-]+/gu) ?? []).length, 0);
}

const prose = CLEAN.flatMap(filesOf).flatMap(proseOf);

describe("the pages, comments and messages that are clean", () => {
  it("are read", () => expect(wordsOf(prose)).toBeGreaterThan(5_000));

  it("have none of the stiff words", () => expect(found(prose, STIFF)).toEqual([]));

  it("have few clauses without a head", () => {
    const clauses = found(prose, [HEADLESS]);
    const allowed = Math.floor((wordsOf(prose) * AT_MOST) / PER_WORDS);
    expect(clauses.slice(allowed), clauses.join("\n")).toEqual([]);
  });
});

it.each([
  ["// It stands there, written anew.", 2],
  ['fail("output to stdout cannot be gone on with");', 1],
  ["// The string stands in for a server's answer and is no longer needed.", 0],
  ["const told = anew;", 0],
])("%s has %i stiff words", (line, count) => {
  expect(found([{ place: "here", text: commentsAndTexts(line) }], STIFF)).toHaveLength(count);
});
