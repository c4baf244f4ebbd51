/** Bundles for Node and Deno, run from another folder than the one they were made in. */

import { cp, mkdir } from "node:fs/promises";
import type { RuntimeCase } from "../case.ts";
import { reportIn } from "../report.ts";

/** Builds, moves the bundle away, and runs it there. */
function bundled(name: string, tool: string, args: string[]): RuntimeCase {
  return {
    name,
    project: "node-bundles",
    bundle: "moved",
    run: async (project) => {
      await project.run(tool, args);
      await mkdir(`${project.folder}moved`);
      await cp(`${project.folder}out`, `${project.folder}moved`, { recursive: true });
      const suite = { SUITE: `${project.folder}suite.mjs` };
      return reportIn(await project.run("node", ["moved/main.mjs"], suite));
    },
  };
}

const ESBUILD = [
  "main.mjs",
  "--bundle",
  "--platform=node",
  "--format=esm",
  "--outfile=out/main.mjs",
];

export const bundleCases: RuntimeCase[] = [bundled("esbuild, for Node", "esbuild", ESBUILD)];
