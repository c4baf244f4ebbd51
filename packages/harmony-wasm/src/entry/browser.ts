/**
 * The entry for browsers, and for runtimes without an entry of their own: fetches
 * the wasm file beside this one. Bundlers recognise the expression and copy it.
 */

import { createLoaders } from "../load.js";

export * from "../index.js";

/** Before version 8, Vite's development server serves this file from a cache without the wasm. */
const VITE_CACHE = /\/node_modules\/\.[^?]*\/deps\/harmony\.wasm$/;

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => {
  const { href } = new URL("./harmony.wasm", import.meta.url);
  return href.replace(VITE_CACHE, "/node_modules/harmony-wasm/dist/harmony.wasm");
});
