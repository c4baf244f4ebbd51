/**
 * Writes o200k_base as a Hugging Face tokenizer.json. That format has merges
 * where tiktoken's has ranks; the merge that makes a token is the last step of
 * byte pair encoding its bytes with the ranks below its own.
 */

import { readFileSync, writeFileSync } from "node:fs";
import ranks from "js-tiktoken/ranks/o200k_base";
import { TOKENIZER_JSON, VOCABULARY } from "../paths.ts";

export function writeTokenizerJson(): void {
  // One character a byte; a Map of such strings is the fastest table of bytes in JavaScript.
  const vocabulary = new Map<string, number>();
  for (const line of readFileSync(VOCABULARY, "utf8").trim().split("\n")) {
    const [token = "", rank] = line.split(" ");
    vocabulary.set(Buffer.from(token, "base64").toString("latin1"), Number(rank));
  }
  const merges: [string, string][] = [];
  for (const [token, rank] of vocabulary) {
    if (token.length > 1) merges.push(mergeOf(token, rank, vocabulary));
  }
  writeFileSync(TOKENIZER_JSON, JSON.stringify(tokenizerJson(vocabulary, merges)));
}

/** The two parts that a token is joined from. */
function mergeOf(token: string, rank: number, vocabulary: Map<string, number>): [string, string] {
  const parts = [...token];
  while (parts.length > 2) {
    let best = rank;
    let at = -1;
    for (let index = 0; index + 1 < parts.length; index += 1) {
      const joined = vocabulary.get(`${parts[index]}${parts[index + 1]}`) ?? rank;
      if (joined < best) [best, at] = [joined, index];
    }
    if (at < 0) throw new Error(`rank ${rank} is not made of two tokens`);
    parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
  }
  return [parts[0] ?? "", parts[1] ?? ""];
}

function tokenizerJson(vocabulary: Map<string, number>, merges: [string, string][]) {
  const vocab = Object.fromEntries([...vocabulary].map(([token, id]) => [visible(token), id]));
  const split = {
    type: "Split",
    pattern: { Regex: ranks.pat_str },
    behavior: "Isolated",
    invert: false,
  };
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  return {
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [split, byteLevel] },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      ignore_merges: true,
      vocab,
      merges: merges.map((parts) => parts.map(visible)),
    },
  };
}

/** Bytes as the visible characters that GPT-2's format writes for them. */
function visible(bytes: string): string {
  return [...bytes].map((byte) => CHARACTERS[byte.charCodeAt(0)]).join("");
}

const CHARACTERS = gpt2Characters();

/** Printable Latin-1 bytes represent themselves, the others follow U+0100 in order. */
function gpt2Characters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}
