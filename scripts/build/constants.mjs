// Writes the constants that the facade shares with Rust, which an example of
// harmony-bindings prints: upstream's defaults and tools, error and repair codes,
// and the numbers of the boundary.

import { writeFileSync } from "node:fs";
import { cargoEnvironment } from "../setup/rust.mjs";
import { ROOT } from "../sources.mjs";
import { run } from "../step.mjs";

const CARGO = [
  "run",
  "--quiet",
  "--locked",
  "--profile",
  "native",
  "-p",
  "harmony-bindings",
  "--example",
  "constants",
];

/** Writes constants.ts. */
export async function writeConstants(folder, sources) {
  const { stdout } = await run("cargo", CARGO, { cwd: ROOT, env: cargoEnvironment() });
  const constants = JSON.parse(stdout);
  const exports_ = Object.entries(constants).map(
    ([name, value]) => `export const ${name} = ${frozen(value)};\n`,
  );
  const header = `// Written by scripts/build/constants.mjs; do not edit. sources: ${sources}\n`;
  writeFileSync(`${folder}constants.ts`, `${header}${exports_.join("")}`);
}

/**
 * A frozen value as an expression; null becomes an absent field. It is marked as
 * pure, so that bundlers drop it if it is unused.
 */
function frozen(value) {
  if (Array.isArray(value))
    return `/* @__PURE__ */ Object.freeze([${value.map(frozen).join(", ")}])`;
  if (typeof value !== "object" || value === null)
    return `${JSON.stringify(value)}${typeof value === "string" ? " as const" : ""}`;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return `/* @__PURE__ */ Object.freeze({ ${fields.map(([key, field]) => `${JSON.stringify(key)}: ${frozen(field)}`).join(", ")} })`;
}
