/** The entry for Node: the wasm is the file beside this one. */

import { createLoaders } from "../load.js";

export * from "../index.js";

// As a constant, for the tools that trace which files a program needs.
const wasm = new URL("./harmony.wasm", import.meta.url);

const loaders = createLoaders(
  () => wasm,
  // An import of node:fs takes a tenth of the whole load: Node makes a module of it.
  (file) => process.getBuiltinModule("node:fs").readFileSync(file),
);

/**
 * Loads the encoding. Concurrent and repeated loads share one instance, and a
 * failed load is forgotten, so that the next one tries again. Mirrors
 * `load_harmony_encoding`.
 *
 * @throws {HarmonyError} `unknown_encoding`, `load_failed`.
 *
 * @example
 * ```ts
 * import { HarmonyEncodingName, loadHarmonyEncoding } from "harmony-wasm";
 *
 * const encoding = await loadHarmonyEncoding(HarmonyEncodingName.HARMONY_GPT_OSS);
 * encoding === (await loadHarmonyEncoding()); // => true
 * ```
 */
export const loadHarmonyEncoding = loaders.loadHarmonyEncoding;

/**
 * {@link loadHarmonyEncoding} without a promise; everywhere but in browsers,
 * where `harmony-wasm/inline` has it.
 *
 * @throws {HarmonyError} `unknown_encoding`, `load_failed`.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * loadHarmonyEncodingSync() === loadHarmonyEncodingSync(); // => true
 * ```
 */
export const loadHarmonyEncodingSync = loaders.loadHarmonyEncodingSync;
