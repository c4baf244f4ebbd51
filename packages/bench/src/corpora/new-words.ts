/**
 * Makes every word of one text new to a reader of another. Words here are the
 * pieces into which o200k's pattern splits a text, as far as they have a letter
 * or a number: the unit that every fast encoder looks up and remembers. The few
 * pieces of space and signs that all texts share stay.
 */

import ranks from "js-tiktoken/ranks/o200k_base";

const PIECES = new RegExp(ranks.pat_str, "gu");
const WORD = /[\p{L}\p{N}]/u;

/** The different words of documents. */
export function wordsIn(documents: readonly string[]): Set<string> {
  return new Set(documents.flatMap(allWords));
}

/** The share of words that occur for the first time: what a reader of these documents alone meets as new. */
export function missRate(documents: readonly string[]): number {
  const words = documents.flatMap(allWords);
  return new Set(words).size / words.length;
}

/** The documents without these words; documents of which little is left are dropped. */
export function withoutWords(documents: readonly string[], words: Set<string>): string[] {
  return documents.map((text) => withoutAny(text, words)).filter((text) => text.length > 40);
}

/** Removing a word can join its neighbours to another one, so it ends when none is found. */
function withoutAny(text: string, words: Set<string>): string {
  const pieces = piecesOf(text);
  const kept = pieces.filter((piece) => !words.has(piece));
  return kept.length === pieces.length ? text : withoutAny(kept.join(""), words);
}

function allWords(text: string): string[] {
  return piecesOf(text).filter((piece) => WORD.test(piece));
}

function piecesOf(text: string): string[] {
  return text.match(PIECES) ?? [];
}
