// Bundles the facade into dist/, with the wasm beside it and declarations; and
// the conformance suite, for runtimes that do not read TypeScript.

import { copyFileSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { ROOT } from "../sources.mjs";
import { run } from "../step.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm/`;
/** What the tarball takes from the repository's root. */
const PAGES = ["README.md", "LICENSE", "NOTICE"];

/** Writes dist/ anew. */
export async function writeDist(wasm) {
  rmSync(`${PACKAGE}dist`, { recursive: true, force: true });
  await build({
    entryPoints: { node: `${PACKAGE}src/entry/node.ts` },
    outdir: `${PACKAGE}dist`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: ["node20.19"],
    sourcemap: true,
    logLevel: "warning",
  });
  await build({
    entryPoints: [`${ROOT}packages/conformance/src/run.ts`],
    outdir: `${ROOT}packages/conformance/dist`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: ["node20.19"],
    external: ["harmony-wasm"],
    logLevel: "warning",
  });
  copyFileSync(wasm, `${PACKAGE}dist/harmony.wasm`);
  for (const page of PAGES) copyFileSync(`${ROOT}${page}`, `${PACKAGE}${page}`);
  await run("tsc", ["-p", `${PACKAGE}tsconfig.build.json`], {
    env: { PATH: `${ROOT}node_modules/.bin:${process.env.PATH}` },
  });
}
