/** The entry without wasm: the caller passes the module or its bytes. */

export * from "../index.js";
export { createHarmonyEncoding } from "../load.js";
