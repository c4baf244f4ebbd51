// The package as npm would publish it, for suites that check or install it.

import { mkdirSync, readFileSync } from "node:fs";
import { ROOT } from "./sources.mjs";
import { run } from "./step.mjs";

const FOLDER = `${ROOT}target/tarball/`;

/** Packs a built package; the tarball's path. */
export async function packed(name = "harmony-wasm") {
  const folder = `${ROOT}packages/${name}/`;
  mkdirSync(FOLDER, { recursive: true });
  await run("npm", ["pack", "--pack-destination", FOLDER], { cwd: folder });
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  return `${FOLDER}${name}-${version}.tgz`;
}

/** Makes `folder` a project that has installed the tarball and nothing else. */
export async function installPacked(folder) {
  const options = ["--offline", "--no-audit", "--no-fund", "--no-save", "--prefix", folder];
  await run("npm", ["install", ...options, await packed()], { cwd: folder });
}
