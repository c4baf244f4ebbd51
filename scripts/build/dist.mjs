// Writes dist/: one file per entry and one that they share, the wasm as a file
// and as text, and the declarations. Also bundles the conformance suite, for
// runtimes that do not read TypeScript.

import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../sources.mjs";
import { writeDeclarations } from "./declarations.mjs";
import { copyLicenses } from "./licenses.mjs";
import { writePages } from "./pages.mjs";
import { checkSizes } from "./sizes.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm/`;
const DIST = `${PACKAGE}dist/`;
const ENTRIES = ["node", "browser", "workerd", "edge-light", "inline", "slim"];

/**
 * Rewrites dist/ and fails if a file exceeds its size limit. `hashes` identify the
 * package in the files made with it.
 */
export async function writeDist(wasm, hashes) {
  rmSync(DIST, { recursive: true, force: true });
  await buildEntries();
  await buildNodeBundle();
  await buildTrain();
  await buildOpenAI();
  await buildAiSdk();
  await buildConformance();
  await buildCommandLine(hashes);
  copyFileSync(wasm, `${DIST}harmony.wasm`);
  const base64 = readFileSync(wasm, "base64");
  writeFileSync(`${DIST}harmony-wasm-base64.js`, `export default "${base64}";\n`);
  writePages();
  await writeDeclarations(DIST);
  checkSizes(DIST);
}

/**
 * Classes are recognized by their private fields, so all entries must share one
 * copy of them. Nothing is minified: that would save one percent of the load,
 * and Node prints the line on which an error was thrown.
 */
function buildEntries() {
  return build({
    entryPoints: ENTRIES.map((entry) => `${PACKAGE}src/entry/${entry}.ts`),
    outdir: DIST,
    chunkNames: "shared",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: ["es2022"],
    sourcemap: true,
    logLevel: "warning",
    plugins: [besideTheEntries],
  });
}

/** Of two entries, which it imports as files: each is loaded once. */
function buildNodeBundle() {
  return build({
    entryPoints: [`${PACKAGE}src/entry/node-bundle.ts`],
    outdir: DIST,
    format: "esm",
    target: ["es2022"],
    sourcemap: true,
    logLevel: "warning",
  });
}

const besideTheEntries = {
  name: "beside the entries",
  setup({ onResolve }) {
    onResolve({ filter: /\/harmony\.wasm|\/harmony-wasm-base64\.js$/ }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};

/** A bundle of its own: it shares checks with the entries, but no class. */
function buildTrain() {
  return buildSubpath("train", []);
}

/**
 * Over the public API alone, which it takes from the entry that has no wasm of
 * its own. What loads an encoding is imported when it is needed, by the
 * package's name: the runtime's conditions choose the entry.
 */
function buildOpenAI() {
  return buildSubpath("openai", [overThePublicApi]);
}

/** Over `harmony-wasm/openai` and the public API, both of which it imports: they are loaded once. */
function buildAiSdk() {
  return buildSubpath("ai-sdk", [overThePublicApi]);
}

/** The module of one subpath, for any platform. */
function buildSubpath(name, plugins) {
  return build({
    entryPoints: { [name]: `${PACKAGE}src/${name}/index.ts` },
    outdir: DIST,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: ["es2022"],
    sourcemap: true,
    logLevel: "warning",
    plugins,
  });
}

/** Modules that other subpaths import as files of the package. */
const BUILT_APART = new Map([
  [`${PACKAGE}src/index.js`, "./slim.js"],
  [`${PACKAGE}src/errors.js`, "./slim.js"],
  [`${PACKAGE}src/openai/index.js`, "./openai.js"],
]);

const overThePublicApi = {
  name: "over the public API",
  setup({ onResolve }) {
    onResolve({ filter: /\/(?:index|errors)\.js$/ }, ({ path, resolveDir }) => {
      const built = BUILT_APART.get(resolve(resolveDir, path));
      return built === undefined ? undefined : { path: built, external: true };
    });
    onResolve({ filter: /\/entry\/node\.js$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "harmony-wasm", external: true } : undefined,
    );
  },
};

function buildConformance() {
  return build({
    entryPoints: [`${ROOT}packages/conformance/src/run.ts`],
    outdir: `${ROOT}packages/conformance/dist`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: ["node20.19"],
    external: ["harmony-wasm"],
    logLevel: "warning",
  });
}

/**
 * Libraries that are many small modules: Node takes 0.2 s to load apache-arrow from its files, in
 * the program and in each worker thread, and 0.03 s from the bundle.
 */
const BUNDLED = /^(?:apache-arrow|flatbuffers|tslib|hyparquet|hyparquet-writer)(?:\/|$)/;

const withManyModules = {
  name: "with libraries of many modules",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || BUNDLED.test(path) ? undefined : { path, external: true },
    );
  },
};

/** One module for the program, one for each kind of worker, those that they share, and the hashes that output files record. */
async function buildCommandLine(hashes) {
  const folder = `${ROOT}packages/harmony-wasm-cli/`;
  rmSync(`${folder}dist`, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: {
      harmony: `${folder}src/harmony.ts`,
      worker: `${folder}src/render/worker.ts`,
      "check-worker": `${folder}src/check/worker.ts`,
    },
    outdir: `${folder}dist`,
    bundle: true,
    splitting: true,
    plugins: [withManyModules],
    format: "esm",
    platform: "node",
    target: ["node22.15"],
    sourcemap: true,
    metafile: true,
    logLevel: "warning",
  });
  copyLicenses(metafile, `${folder}dist/licenses/`);
  writeFileSync(`${folder}dist/build-info.json`, `${JSON.stringify(hashes, null, 2)}\n`);
}
