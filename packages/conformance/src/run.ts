/**
 * The suite as a bare script, for any runtime with a file system. Prints the
 * failures; the last line counts.
 */

import { loadHarmonyEncoding, StreamableParser } from "harmony-wasm";
import { readVectors } from "./files.ts";
import { runSuite } from "./suite.ts";

const folder = new URL("../../../test-vectors/", import.meta.url);
const vectors = readVectors(folder);
const encoding = await loadHarmonyEncoding();
const failures = runSuite({ encoding, StreamableParser }, vectors);
for (const { id, reasons } of failures) {
  console.log(`${id}\n  ${reasons.join("\n  ")}`);
}
console.log(`${vectors.length - failures.length} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
