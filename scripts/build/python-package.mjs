// Writes the command line into the Python package: the part that answers Arrow
// batches, bundled with its libraries, next to harmony-wasm as npm would install
// it. Node comes from PyPI, so the wheel needs neither npm nor a network.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { ROOT } from "../sources.mjs";
import { copyLicenses } from "./licenses.mjs";
import { addressedPage } from "./pages.mjs";

const PACKAGES = `${ROOT}packages/`;
const FOLDER = `${PACKAGES}harmony-wasm-ray/src/harmony_wasm_ray/bundle/`;
const FACADE = `${FOLDER}node_modules/harmony-wasm/`;
/** The files of harmony-wasm that Node loads. */
const FACADE_FILES = [
  "package.json",
  "dist/node.js",
  "dist/shared.js",
  "dist/slim.js",
  "dist/train.js",
  "dist/openai.js",
  "dist/harmony.wasm",
];
const COMMAND_LINE_FILES = ["package.json", "dist/build-info.json"];

/** Files that are imported dynamically and still belong in the bundle. */
const KEPT = ["/program.ts", "/arrow-stdio/stdio.ts"];

/** Commands are loaded on demand. The other commands and the libraries of their formats are left out. */
const ARROW_ONLY = {
  name: "arrow-only",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" && !KEPT.some((file) => path.endsWith(file))
        ? { path, external: true }
        : undefined,
    );
  },
};

/** Rewrites the command line inside the Python package. */
export async function writePythonPackage() {
  rmSync(FOLDER, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { harmony: `${PACKAGES}harmony-wasm-cli/src/harmony.ts` },
    outdir: `${FOLDER}dist`,
    bundle: true,
    splitting: true,
    external: ["harmony-wasm", "harmony-wasm/*"],
    plugins: [ARROW_ONLY],
    format: "esm",
    platform: "node",
    target: ["node22.15"],
    metafile: true,
    logLevel: "warning",
  });
  mkdirSync(`${FACADE}dist`, { recursive: true });
  copyAll(FACADE_FILES, `${PACKAGES}harmony-wasm/`, FACADE);
  copyAll(COMMAND_LINE_FILES, `${PACKAGES}harmony-wasm-cli/`, FOLDER);
  copyAll(["LICENSE", "NOTICE"], ROOT, `${PACKAGES}harmony-wasm-ray/`);
  const page = addressedPage("packages/harmony-wasm-ray/README.md");
  writeFileSync(`${PACKAGES}harmony-wasm-ray/PYPI.md`, page);
  copyLicenses(metafile, `${FOLDER}licenses/`);
}

function copyAll(files, from, to) {
  for (const file of files) copyFileSync(from + file, to + file);
}
