// Builds the package: vocabulary, wasm, glue and constants (kept while their
// sources are the same), then dist/.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cargoEnvironment } from "../setup/rust.mjs";
import { setUpWasmBindgen } from "../setup/wasm-bindgen.mjs";
import { bundledHash, fileHash, ROOT, sourceHash } from "../sources.mjs";
import { run, step, together } from "../step.mjs";
import { writeConstants } from "./constants.mjs";
import { writeDist } from "./dist.mjs";
import { writeGlue } from "./glue.mjs";
import { writePythonPackage } from "./python-package.mjs";
import { buildWasm } from "./wasm.mjs";

const GENERATED = `${ROOT}packages/harmony-wasm/src/generated/`;
const VOCABULARY = `${ROOT}crates/harmony-core/generated/o200k_base.tiktoken`;
const BUILD_INFO = `${GENERATED}build-info.json`;
const BUNDLED_SOURCES = `${GENERATED}bundled-sources.txt`;
const WASM = `${GENERATED}boundary/harmony_wasm_bg.wasm`;

/** Builds missing and stale outputs. */
export async function build() {
  if (!existsSync(VOCABULARY)) {
    await step("vocabulary, rebuilt from @dqbd/tiktoken", () =>
      run("node", ["scripts/vocabulary.mjs"], { cwd: ROOT }),
    );
  }
  const sources = sourceHash();
  if (buildInfo()?.source_sha256 !== sources) {
    mkdirSync(GENERATED, { recursive: true });
    await setUpWasmBindgen(cargoEnvironment()); // The program may have changed since the set-up.
    await together(
      step("wasm and its glue (about a minute)", async () => {
        await buildWasm(`${GENERATED}boundary`);
        await writeGlue(GENERATED, sources);
      }),
      step("constants, from upstream (half a minute)", () => writeConstants(GENERATED, sources)),
    );
    writeFileSync(
      BUILD_INFO,
      `${JSON.stringify({ source_sha256: sources, ...hashes() }, null, 2)}\n`,
    );
  }
  await writeBundles();
}

/** A half-written folder has no record of its sources. */
async function writeBundles() {
  rmSync(BUNDLED_SOURCES, { force: true });
  const sources = bundledHash();
  await step("dist/", () => writeDist(WASM, hashes()));
  await step("the Python package's command line", writePythonPackage);
  writeFileSync(BUNDLED_SOURCES, sources);
}

/** The hash of the sources of dist/, or undefined before the first build. */
export function bundledSources() {
  return existsSync(BUNDLED_SOURCES) ? readFileSync(BUNDLED_SOURCES, "utf8") : undefined;
}

/** The hashes of the last build's sources and outputs, or undefined before the first build. */
export function buildInfo() {
  return existsSync(BUILD_INFO) ? JSON.parse(readFileSync(BUILD_INFO, "utf8")) : undefined;
}

function hashes() {
  return { wasm_sha256: fileHash(WASM), vocabulary_sha256: fileHash(VOCABULARY) };
}
