/** The entry for Vercel's edge runtime, which runs only imported wasm modules. */

import { createLoaders } from "../load.js";
import module from "./harmony.wasm?module";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => module);
