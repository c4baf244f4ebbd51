// Installs everything that a machine with Node >= 18 and npm may lack. Quick if
// nothing is missing.

import { existsSync, readFileSync } from "node:fs";
import { ROOT } from "../sources.mjs";
import { ask, run, step, together } from "../step.mjs";
import { aptInstall } from "./apt.mjs";
import { setUpRust } from "./rust.mjs";
import { setUpWasmBindgen } from "./wasm-bindgen.mjs";

/** Installs missing tools and packages: what comes from npm and what cargo compiles, at the same time. */
export async function setUp() {
  await together(setUpPackages(), setUpCargo());
}

async function setUpCargo() {
  if (ask("cc", ["--version"]) === undefined) {
    await step("a C linker", () => aptInstall(["gcc", "libc6-dev"], "a C linker (cc)"));
  }
  await setUpWasmBindgen(await setUpRust());
}

/**
 * pnpm runs on the Node that the project pins, not on the machine's, which
 * may be too old for it; npx brings both. (pnpm 12 refuses a frozen lock file
 * beside a "packageManager" field, so its version is under "config".)
 */
async function setUpPackages() {
  if (lockIsInstalled()) return;
  const { config, devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const packages = [`--package=node@${devDependencies.node}`, `--package=pnpm@${config.pnpm}`];
  await step(`npm packages, by pnpm ${config.pnpm} on Node ${devDependencies.node}`, () =>
    run("npx", ["--yes", ...packages, "--", "pnpm", "install", "--frozen-lockfile"], {
      cwd: ROOT,
      advice: "check that npm reaches its registry",
    }),
  );
}

/** pnpm leaves a copy of the lock file it has installed. */
function lockIsInstalled() {
  const installed = `${ROOT}node_modules/.pnpm/lock.yaml`;
  if (!existsSync(installed) || !existsSync(`${ROOT}node_modules/.bin/node`)) return false;
  return readFileSync(installed, "utf8") === readFileSync(`${ROOT}pnpm-lock.yaml`, "utf8");
}
