// Runs wasm-pack. Its tools are on PATH, so that it downloads nothing.

import { cargoEnvironment } from "../setup/rust.mjs";
import { pathWithTools } from "../setup/wasm-tools.mjs";
import { ROOT } from "../sources.mjs";
import { run } from "../step.mjs";

/** Compiles crates/harmony-wasm into `folder`: glue, wasm and types. */
export async function buildWasm(folder) {
  const cargo = cargoEnvironment();
  const env = { ...cargo, PATH: pathWithTools(cargo.PATH ?? process.env.PATH) };
  const options = ["--mode", "no-install", "--target", "bundler", "--no-pack", "--out-dir", folder];
  await run("wasm-pack", ["build", "crates/harmony-wasm", ...options, "--", "--locked"], {
    cwd: ROOT,
    env,
    advice: "run `npm start`, which installs what the build needs",
  });
}
