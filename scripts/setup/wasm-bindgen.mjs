// wasm-bindgen's library, as the small program scripts/build/wasm-bindgen,
// compiled once per machine into `~/.cache/harmony-wasm/tools`.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../sources.mjs";
import { run, step } from "../step.mjs";

const SOURCE = `${ROOT}scripts/build/wasm-bindgen/`;
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "harmony-wasm/tools");
const FOLDER = join(CACHE, `wasm-bindgen-${version()}`);

/** The program, where {@link setUpWasmBindgen} puts it. */
export const WASM_BINDGEN = join(FOLDER, "bin/harmony-wasm-bindgen");

function version() {
  const hash = createHash("sha256");
  for (const file of ["Cargo.toml", "Cargo.lock", "src/main.rs"]) {
    hash.update(readFileSync(SOURCE + file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Compiles the program if it is missing. */
export async function setUpWasmBindgen(cargo) {
  if (existsSync(WASM_BINDGEN)) return;
  await step("wasm-bindgen, compiled once (half a minute)", () =>
    run("cargo", ["install", "--locked", "--path", SOURCE, "--root", FOLDER], {
      cwd: ROOT,
      env: { ...cargo, CARGO_TARGET_DIR: `${ROOT}target/wasm-bindgen` },
      advice: "check that cargo reaches its registry; on Debian, gcc provides a C linker",
    }),
  );
}
