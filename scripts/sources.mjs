// The sources of the generated files and of the bundles, as one hash each. A build
// is stale if it records another hash than that of the current sources.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ask } from "./step.mjs";

export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The sources of the wasm and of the constants. */
const SOURCES = [
  "Cargo.toml",
  "Cargo.lock",
  "rust-toolchain.toml",
  ".cargo/config.toml",
  "crates/harmony-core",
  "crates/harmony-bindings",
  "scripts/build/constants.mjs",
  "scripts/build/glue.mjs",
  "scripts/build/wasm-bindgen",
  "scripts/build/wasm.mjs",
  "scripts/vocabulary.mjs",
];

/** The sources of dist/, in all packages, apart from the generated ones. */
const BUNDLED = [
  "packages/harmony-wasm/src",
  "packages/harmony-wasm-cli/src",
  "packages/conformance/src",
  "scripts/build",
];

/** The SHA-256 over names and contents of everything below {@link SOURCES}, without pages. */
export function sourceHash() {
  return hashBelow(SOURCES);
}

/** The same of the sources that are bundled into dist/. */
export function bundledHash() {
  return hashBelow(BUNDLED);
}

function hashBelow(paths) {
  const listed = ask("git", ["ls-files", "-co", "--exclude-standard", "--", ...paths], {
    cwd: ROOT,
  });
  const hash = createHash("sha256");
  const files = [...new Set(listed.split("\n"))].filter(
    (file) => !file.endsWith(".md") && existsSync(ROOT + file),
  );
  for (const file of files.sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(ROOT + file))
      .update("\0");
  }
  return hash.digest("hex");
}

/** The SHA-256 of a file, in hexadecimal. */
export function fileHash(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
