/** What the suite runs on: the package, or anything with its API. */

import type { HarmonyEncoding, StreamableParser } from "harmony-wasm";

/** What is under test. */
export interface Implementation {
  encoding: HarmonyEncoding;
  StreamableParser: typeof StreamableParser;
}
