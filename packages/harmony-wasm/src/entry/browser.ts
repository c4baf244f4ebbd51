/**
 * The entry for browsers and whatever no other one is for: the wasm is fetched
 * from beside this file. Bundlers know the expression and bring the wasm along.
 */

import { createLoaders } from "../load.js";

export * from "../index.js";

/** Vite's development server, before version 8, serves this file from a cache and leaves the wasm. */
const VITE_CACHE = /\/node_modules\/\.[^?]*\/deps\/harmony\.wasm$/;

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => {
  const { href } = new URL("./harmony.wasm", import.meta.url);
  return href.replace(VITE_CACHE, "/node_modules/harmony-wasm/dist/harmony.wasm");
});
