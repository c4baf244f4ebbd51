/** The record of how a file was made: versions, hashes and options. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The version of this package and of harmony-wasm, which is released with it. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
).version;

/** The metadata key of a name. */
const key = (name: string) => `harmony.${name}`;

/** The software that makes a file. */
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
