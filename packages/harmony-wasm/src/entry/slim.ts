/** The entry without wasm: whoever imports it brings the module or the bytes. */

export * from "../index.js";
export { createHarmonyEncoding } from "../load.js";
