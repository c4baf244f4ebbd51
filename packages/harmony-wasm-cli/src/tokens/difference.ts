/** Where two rows of ids differ first, and how to show it. */

import type { HarmonyEncoding } from "harmony-wasm";

/** How many ids are shown on each side of a difference. */
const CONTEXT = 12;

/** The first position at which two rows differ, or undefined where they are equal. */
export function firstDifference(one: Uint32Array, other: Uint32Array): number | undefined {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at += 1) if (one[at] !== other[at]) return at;
  return one.length === other.length ? undefined : shared;
}

/** The surroundings of a position in a row, as text. */
export interface Context {
  before: string;
  /** The ids from the difference on. */
  ids: number[];
  text: string;
}

/** What stands around a position. */
export function contextAt(encoding: HarmonyEncoding, ids: Uint32Array, at: number): Context {
  const text = (from: number, to: number) => lenient(encoding, ids.subarray(Math.max(0, from), to));
  return {
    before: text(at - CONTEXT, at),
    ids: Array.from(ids.subarray(at, at + CONTEXT)),
    text: text(at, at + CONTEXT),
  };
}

/** Ids made elsewhere may be of no token. */
function lenient(encoding: HarmonyEncoding, ids: Uint32Array): string {
  try {
    return encoding.decode(ids);
  } catch {
    return `(no tokens: ${ids.join(" ")})`;
  }
}
