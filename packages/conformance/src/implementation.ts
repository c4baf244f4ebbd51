/** The implementation under test: the package, or anything with its API. */

import type { HarmonyEncoding, StreamableParser } from "harmony-wasm";

/** The objects that the suite calls. */
export interface Implementation {
  encoding: HarmonyEncoding;
  StreamableParser: typeof StreamableParser;
}
