/** The entry for Cloudflare's workerd, where only an imported module may run. */

import { createLoaders } from "../load.js";
import module from "./harmony.wasm";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => module);
