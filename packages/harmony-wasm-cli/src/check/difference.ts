/** Finds the first difference between two rows of ids, and shows it in context. */

import type { HarmonyEncoding } from "harmony-wasm";

/** The number of ids shown on each side of a difference. */
const CONTEXT = 12;

type Numbers = Uint32Array | Uint8Array;

/** The first position at which two rows differ; undefined if they are equal. */
export function firstDifference<T extends Numbers>(one: T, other: T): number | undefined {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at += 1) if (one[at] !== other[at]) return at;
  return one.length === other.length ? undefined : shared;
}

/** The context of a position in a row. */
export interface Context {
  before: string;
  /** The ids from the difference on. */
  ids: number[];
  text: string;
}

/** The context of a position. */
export function contextAt(encoding: HarmonyEncoding, ids: Uint32Array, at: number): Context {
  const text = (from: number, to: number) => lenient(encoding, ids.subarray(Math.max(0, from), to));
  return {
    before: text(at - CONTEXT, at),
    ids: Array.from(ids.subarray(at, at + CONTEXT)),
    text: text(at, at + CONTEXT),
  };
}

/** Ids from elsewhere may not be tokens. */
function lenient(encoding: HarmonyEncoding, ids: Uint32Array): string {
  try {
    return encoding.decode(ids);
  } catch {
    return `(not tokens: ${ids.join(" ")})`;
  }
}
