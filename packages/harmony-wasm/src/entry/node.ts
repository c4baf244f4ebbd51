/** The entry for Node: reads the wasm file beside this one. */

import { createLoaders } from "../load.js";

export * from "../index.js";

// A constant, which tools that trace a program's files recognise. @vercel/ncc copies the file and
// writes its path here.
const wasm: URL | string = new URL("./harmony.wasm", import.meta.url);

const loaders = createLoaders(
  () => placed(wasm),
  // Importing node:fs would take a tenth of the load: Node creates a module for it.
  (file) => process.getBuiltinModule("node:fs").readFileSync(file),
);

/**
 * Loads the encoding. Concurrent and repeated calls share one instance; after a
 * failure, the next call tries again. Mirrors `load_harmony_encoding`.
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
 * {@link loadHarmonyEncoding} without a promise. In browsers, import it from
 * `harmony-wasm/inline`. Mirrors `load_harmony_encoding`.
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

function placed(file: URL | string): URL {
  return typeof file === "string" ? process.getBuiltinModule("node:url").pathToFileURL(file) : file;
}
