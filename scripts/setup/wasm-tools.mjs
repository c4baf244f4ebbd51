// wasm-pack and wasm-bindgen, compiled from cargo's registry once a machine
// and kept apart from the user's own: `~/.cache/harmony-wasm/tools`.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { ROOT } from "../sources.mjs";
import { ask, run, step } from "../step.mjs";

const CACHE = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "harmony-wasm",
  "tools",
);
const LOCK = readFileSync(new URL("../../Cargo.lock", import.meta.url), "utf8");

/** wasm-bindgen's two halves must be of one version: Cargo.lock's. */
const TOOLS = [
  { crate: "wasm-pack", version: "0.15.1", binary: "wasm-pack", locked: ["--locked"] },
  {
    crate: "wasm-bindgen-cli",
    version: /name = "wasm-bindgen"\nversion = "(.+)"/.exec(LOCK)[1],
    binary: "wasm-bindgen",
    locked: [],
  },
];

/** These run for seconds in all: compiling them quickly is worth more. */
const QUICK = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
};

function folderOf({ crate, version }) {
  return join(CACHE, `${crate}-${version}`);
}

function isOnPath({ binary, version }) {
  return ask(binary, ["--version"])?.split(" ")[1] === version;
}

/** Compiles the tools that are missing. */
export async function setUpWasmTools(cargo) {
  for (const tool of TOOLS) {
    if (isOnPath(tool) || existsSync(join(folderOf(tool), "bin", tool.binary))) continue;
    await step(`${tool.crate} ${tool.version}, compiled once (one to three minutes)`, () =>
      run(
        "cargo",
        [
          "install",
          tool.crate,
          "--version",
          tool.version,
          ...tool.locked,
          "--root",
          folderOf(tool),
        ],
        {
          env: { ...cargo, ...QUICK },
          advice: "check that cargo reaches its registry; on Debian a C linker comes with gcc",
        },
      ),
    );
  }
}

/** PATH with the tools, and with those of node_modules (wasm-opt). */
export function pathWithTools(path) {
  const bins = TOOLS.filter((tool) => !isOnPath(tool)).map((tool) => join(folderOf(tool), "bin"));
  const packages = `${ROOT}node_modules/.bin`;
  return [...bins, packages, path].join(delimiter);
}
