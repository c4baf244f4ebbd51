// From crates/harmony-bindings to the wasm and its glue: cargo compiles,
// wasm-bindgen writes the glue, wasm-opt optimises. wasm-pack runs the same
// three programs, and compiling wasm-pack takes longer than the three together.

import { mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cargoEnvironment } from "../setup/rust.mjs";
import { WASM_BINDGEN } from "../setup/wasm-bindgen.mjs";
import { ROOT } from "../sources.mjs";
import { run, StepError } from "../step.mjs";

const CARGO = ["build", "--locked", "--release", "--lib", "--target", "wasm32-unknown-unknown"];
/**
 * Functions that fill the tables stay apart, so that the engine has optimised
 * each of them sooner: tables 1.1 to 1.3 times as fast in a fresh process.
 */
const WASM_OPT = [
  "-O3",
  "--one-caller-inline-max-function-size=100",
  "--enable-simd",
  "--enable-bulk-memory",
  "--enable-nontrapping-float-to-int",
  "--enable-sign-ext",
  "--enable-mutable-globals",
  "--enable-reference-types",
  "--enable-multivalue",
];

const ADVICE = "run `npm start`, which installs what the build needs";

/** Compiles crates/harmony-bindings into `folder`: glue, wasm and types. */
export async function buildWasm(folder) {
  const compiled = await compiledBindings();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(WASM_BINDGEN, [compiled, folder], { advice: ADVICE });
  const wasm = join(folder, "harmony_wasm_bg.wasm");
  const wasmOpt = `${ROOT}node_modules/.bin/wasm-opt`;
  await run(wasmOpt, [wasm, "-o", wasm, ...WASM_OPT], { advice: ADVICE });
}

/** The path of the wasm that cargo compiles. */
async function compiledBindings() {
  const env = cargoEnvironment();
  const options = ["-p", "harmony-bindings", "--config", withoutPaths(env)];
  const format = ["--message-format", "json-render-diagnostics"];
  const { stdout } = await run("cargo", [...CARGO, ...options, ...format], {
    cwd: ROOT,
    env,
    advice: ADVICE,
  });
  const messages = stdout.split("\n").filter((line) => line.startsWith("{"));
  const files = messages.flatMap((line) => JSON.parse(line).filenames ?? []);
  const wasm = files.find((file) => file.endsWith("harmony_bindings.wasm"));
  if (wasm === undefined) throw new StepError("cargo compiled no harmony_bindings.wasm");
  return wasm;
}

/**
 * Panic messages contain file names. Without this they begin with the
 * builder's folders, and no two builders get the same wasm.
 */
function withoutPaths({ CARGO_HOME = process.env.CARGO_HOME ?? join(homedir(), ".cargo") }) {
  const folders = { [join(CARGO_HOME, "registry", "src")]: "registry", [ROOT]: "" };
  const flags = Object.entries(folders).map(
    ([folder, name]) => `"--remap-path-prefix=${folder}=${name}"`,
  );
  return `target.wasm32-unknown-unknown.rustflags=[${flags.join(",")}]`;
}
