/** The entry for Node: the wasm is the file beside this one. */

import { readFileSync } from "node:fs";
import { createLoaders } from "../load.js";

export * from "../index.js";

const bytes = () => readFileSync(new URL("./harmony.wasm", import.meta.url));

const loaders = createLoaders({ source: bytes, bytes });

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
 * {@link loadHarmonyEncoding} without a promise.
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
