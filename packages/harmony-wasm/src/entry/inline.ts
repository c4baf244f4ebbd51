/** The entry with the wasm inside the JavaScript: there is no file to copy or fetch. */

import { decodedBase64 } from "../base64.js";
import { createLoaders } from "../load.js";
import wasm from "./harmony-wasm-base64.js";

export * from "../index.js";

export const { loadHarmonyEncoding, loadHarmonyEncodingSync } = createLoaders(() =>
  decodedBase64(wasm),
);
