/**
 * The entry for browsers and whatever no other one is for: the wasm is fetched
 * from beside this file. Bundlers know the expression and bring the wasm along.
 */

import { createLoaders } from "../load.js";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(
  () => new URL("./harmony.wasm", import.meta.url),
);
