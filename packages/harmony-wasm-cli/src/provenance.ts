/** What a file says about how it was made: versions, hashes and options. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The version of this package, hence of harmony-wasm, which is released with it. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
).version;

/** Name of a metadata key, from its last part. */
const key = (name: string) => `harmony.${name}`;

/** Which software this is: what a file is made by, apart from the options. */
export function software(): Record<string, string> {
  const wasmPath = new URL(import.meta.resolve("harmony-wasm/harmony.wasm"));
  const buildInfo = new URL("../dist/build-info.json", import.meta.url);
  const build = JSON.parse(readFileSync(buildInfo, "utf8"));
  const wasm = createHash("sha256").update(readFileSync(wasmPath));
  return {
    package: "harmony-wasm-cli",
    version: VERSION,
    wasm_sha256: wasm.digest("hex"),
    vocabulary_sha256: build.vocabulary_sha256,
  };
}

/** The metadata of a file: the same keys in every format. */
export function provenance(options: unknown): Map<string, string> {
  const all = { ...software(), options: JSON.stringify(options) };
  return new Map(Object.entries(all).map(([name, value]) => [key(name), value]));
}
