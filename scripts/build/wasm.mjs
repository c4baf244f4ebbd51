// Runs wasm-pack. Its tools are on PATH, so that it downloads nothing.

import { homedir } from "node:os";
import { join } from "node:path";
import { cargoEnvironment } from "../setup/rust.mjs";
import { pathWithTools } from "../setup/wasm-tools.mjs";
import { ROOT } from "../sources.mjs";
import { run } from "../step.mjs";

/** Compiles crates/harmony-bindings into `folder`: glue, wasm and types. */
export async function buildWasm(folder) {
  const cargo = cargoEnvironment();
  const env = { ...cargo, PATH: pathWithTools(cargo.PATH ?? process.env.PATH) };
  const options = ["--mode", "no-install", "--target", "bundler", "--no-pack"];
  const output = ["--out-dir", folder, "--out-name", "harmony_wasm"];
  const cargoOptions = ["--locked", "--config", withoutPaths(env)];
  await run(
    "wasm-pack",
    ["build", "crates/harmony-bindings", ...options, ...output, "--", ...cargoOptions],
    {
      cwd: ROOT,
      env,
      advice: "run `npm start`, which installs what the build needs",
    },
  );
}

/** Messages of panics name files: without this, by the builder's folders, and no two builders' wasm is the same. */
function withoutPaths({ CARGO_HOME = process.env.CARGO_HOME ?? join(homedir(), ".cargo") }) {
  const folders = { [join(CARGO_HOME, "registry", "src")]: "registry", [ROOT]: "" };
  const flags = Object.entries(folders).map(
    ([folder, name]) => `"--remap-path-prefix=${folder}=${name}"`,
  );
  return `target.wasm32-unknown-unknown.rustflags=[${flags.join(",")}]`;
}
