/**
 * The encoding of a handler that was given none. This module promises that
 * nothing is loaded before a request needs it, and that it is the one that
 * `loadHarmonyEncoding` of `harmony-wasm` gives, so that a program has one.
 */

import type { HarmonyEncoding } from "../../index.js";

/**
 * Loads it, or gives the one that is loaded. The build makes `harmony-wasm` of
 * this import: which entry that is, and so where the wasm comes from, is for the
 * runtime's own conditions to decide.
 */
export async function defaultEncoding(): Promise<HarmonyEncoding> {
  const { loadHarmonyEncoding } = await import("../../entry/node.js");
  return loadHarmonyEncoding();
}
