/** Every maintained version of Node, and the runtimes that resemble it. */

import { fileURLToPath } from "node:url";
import type { RuntimeCase } from "../case.ts";
import type { Project } from "../project.ts";
import { reportIn } from "../report.ts";

const PACKAGES = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const CONFORMANCE = fileURLToPath(new URL("../../../conformance/node_modules/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../../node_modules/", import.meta.url));

const NODES = {
  "Node 20": `${CONFORMANCE}node20/bin/node`,
  "Node 22": `${PACKAGES}node22/bin/node`,
  "Node 24": `${ROOT}node/bin/node`,
  "Node 26": `${PACKAGES}node26/bin/node`,
};

const FILES = { import: "main.mjs", require: "main.cjs", "worker thread": "worker.mjs" };

function program(name: string, command: string, ...args: string[]): RuntimeCase {
  return {
    name,
    project: "node",
    run: async (project: Project) => reportIn(await project.run(command, args)),
  };
}

/** Every version of Node, each in three ways. */
export const nodeCases: RuntimeCase[] = Object.entries(NODES).flatMap(([node, command]) =>
  Object.entries(FILES).map(([way, file]) => program(`${node}, ${way}`, command, file)),
);

/** Packages are links into a store of files. */
export const pnpmCases: RuntimeCase[] = ["main.mjs", "main.cjs"].map((file) => ({
  name: file === "main.mjs" ? "pnpm, import" : "pnpm, require",
  project: "pnpm",
  run: async (project) => {
    await project.run("pnpm", ["--dir", "app", "add", "--offline", project.tarball]);
    return reportIn(await project.run("node", [`app/${file}`]));
  },
}));

/** Without permissions, except to read imported modules. */
const DENO = ["run", "--no-prompt", "--cached-only"];

export const otherServerCases: RuntimeCase[] = [
  program("Deno", `${PACKAGES}.bin/deno`, ...DENO, "main.mjs"),
  program("Bun", `${PACKAGES}.bin/bun`, "main.mjs"),
];
