/** The entry for Cloudflare's workerd, which runs only imported wasm modules. */

import { createLoaders } from "../load.js";
import module from "./harmony.wasm";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() => module);
