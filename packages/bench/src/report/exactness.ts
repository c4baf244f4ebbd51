/**
 * Whether a peer gives the same ids on the measured texts. If not, the first
 * example is shown: the shortest text from the first difference on that is a
 * whole number of tokens on both sides.
 */

import { readFileSync } from "node:fs";
import { type HarmonyEncoding, loadHarmonyEncodingSync } from "harmony-wasm";
import type { CorpusName } from "../corpora/corpora.ts";
import { idsFile } from "../paths.ts";
import { OURS } from "../peers/all.ts";

/** How many documents differ, and how the first of them does. */
export interface Exactness {
  documents: number;
  different: number;
  example?: string;
}

/** Compares the ids that a run has stored for `peer` with ours. */
export function exactnessOf(peer: string, corpora: readonly CorpusName[]): Exactness {
  const result: Exactness = { documents: 0, different: 0 };
  for (const corpus of corpora) {
    const ours = readIds(OURS, corpus);
    const theirs = readIds(peer, corpus);
    result.documents += ours.length;
    for (const [index, ids] of ours.entries()) {
      const other = theirs[index] ?? [];
      if (ids.join() === other.join()) continue;
      result.different += 1;
      result.example ??= `in ${corpus}, ${firstDifference(ids, other)}`;
    }
  }
  return result;
}

function readIds(peer: string, corpus: string): number[][] {
  return JSON.parse(readFileSync(idsFile(peer, corpus), "utf8"));
}

function firstDifference(ours: number[], theirs: number[]): string {
  const encoding = loadHarmonyEncodingSync();
  const start = ours.findIndex((id, index) => id !== theirs[index]);
  const [our, their] = untilAligned(ours.slice(start), theirs.slice(start), encoding);
  const text = JSON.stringify(encoding.decode(our));
  return `${text} is ${our.join(" ")} here, ${their.join(" ")} there`;
}

/** The shortest beginnings of equal length in bytes. */
function untilAligned(
  ours: number[],
  theirs: number[],
  encoding: HarmonyEncoding,
): [number[], number[]] {
  const length = (ids: number[]) => encoding.decodeBytes(ids).length;
  let our = 1;
  let their = 1;
  while (our < ours.length && their < theirs.length) {
    const difference = length(ours.slice(0, our)) - length(theirs.slice(0, their));
    if (difference === 0) break;
    if (difference < 0) our += 1;
    else their += 1;
  }
  return [ours.slice(0, our), theirs.slice(0, their)];
}
