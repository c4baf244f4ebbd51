/** The entry for Vercel's edge runtime, where only an imported module may run. */

import { createLoaders } from "../load.js";
import module from "./harmony.wasm?module";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => module);
