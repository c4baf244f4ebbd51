/** Bundles for servers, run from a folder that contains nothing else. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RuntimeCase } from "../case.ts";
import type { Project } from "../project.ts";
import { type Report, reportIn } from "../report.ts";

const BIN = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const BUN = `${BIN}bun`;
const DENO = `${BIN}deno`;

/** How a bundle is made in `out/`, and run. */
interface Bundle {
  /** The folder in `projects/`. */
  project: string;
  build: string[];
  /** The bundle, in `out/`. */
  file?: string;
  /** What runs the file; nothing where the file runs itself. */
  runtime?: string[];
  prepare?(project: Project): Promise<void>;
  /** Whether its size is that of what a user deploys. */
  sized?: boolean;
}

function bundled(name: string, bundle: Bundle): RuntimeCase {
  const { project, build, prepare, sized = true } = bundle;
  return {
    name,
    project,
    ...(sized ? { download: ["out"] } : {}),
    run: async (copy) => {
      const [tool = "", ...args] = build;
      await copy.run(tool, args);
      await prepare?.(copy);
      return runElsewhere(copy, bundle);
    },
  };
}

/** In a temporary folder, from which no `node_modules` is found. */
async function runElsewhere(project: Project, bundle: Bundle): Promise<Report> {
  const { file = "main.mjs", runtime = ["node"] } = bundle;
  const folder = await mkdtemp(join(tmpdir(), "harmony-wasm-bundle-"));
  try {
    await cp(`${project.folder}out`, folder, { recursive: true });
    const [command = "", ...args] = [...runtime, join(folder, file)];
    return reportIn(await project.run(command, args, { SUITE: `${project.folder}suite.mjs` }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const ESBUILD = ["esbuild", "main.mjs", "--bundle", "--platform=node"];
const ESM = ["--format=esm", "--outfile=out/main.mjs"];
const OUT = "--outfile=out/main.mjs";
const DENO_RUN = [DENO, "run", "--no-prompt", "--cached-only", "--allow-env", "--allow-read"];

async function copyWasm({ folder }: Project): Promise<void> {
  await cp(`${folder}node_modules/harmony-wasm/dist/harmony.wasm`, `${folder}out/harmony.wasm`);
}

const esbuildCases = [
  bundled("esbuild, for Node", { project: "node-esbuild", build: [...ESBUILD, ...ESM] }),
  bundled("esbuild, for Node, CommonJS", {
    project: "node-esbuild",
    build: [...ESBUILD, "--format=cjs", "--outfile=out/main.cjs"],
    file: "main.cjs",
  }),
  bundled("esbuild, for Node, the wasm beside it", {
    project: "node-esbuild",
    build: [...ESBUILD, ...ESM, "--conditions="],
    prepare: copyWasm,
  }),
  {
    name: "esbuild, for Node, packages left out",
    project: "node-esbuild",
    run: async (project: Project) => {
      await project.run("esbuild", [...ESBUILD.slice(1), ...ESM, "--packages=external"]);
      const suite = { SUITE: `${project.folder}suite.mjs` };
      return reportIn(await project.run("node", ["out/main.mjs"], suite));
    },
  },
];

/** The bundlers of the other runtimes, each run by its own. */
const otherServerCases = [
  bundled("Bun's bundler", {
    project: "node-bundles",
    build: [BUN, "build", "main.mjs", "--target=bun", OUT],
    runtime: [BUN],
  }),
  bundled("Bun's bundler, one executable", {
    project: "node-bundles",
    build: [BUN, "build", "main.mjs", "--compile", "--outfile=out/main"],
    file: "main",
    runtime: [],
    sized: false,
  }),
  bundled("Deno's bundler", {
    project: "node-bundles",
    build: [DENO, "bundle", "main.mjs", "-o", "out/main.mjs"],
    runtime: DENO_RUN,
  }),
];

/** Tools that copy the files of packages beside what they build. */
const copyingCases = [
  bundled("@vercel/ncc", {
    project: "node-ncc",
    build: ["ncc", "build", "main.mjs", "--out", "out"],
    file: "index.mjs",
  }),
  bundled("Nitro, which builds Nuxt's servers", {
    project: "node-nitro",
    build: ["nitropack", "build"],
    prepare: ({ folder }) => cp(`${folder}ask.mjs`, `${folder}out/ask.mjs`),
    file: "ask.mjs",
    sized: false,
  }),
];

export const bundleCases: RuntimeCase[] = [
  ...esbuildCases,
  ...copyingCases,
  bundled("webpack, for Node", {
    project: "node-webpack",
    build: "webpack --target=node --mode=production --entry=./main.mjs --output-path=out".split(
      " ",
    ),
    file: "main.js",
  }),
  bundled("Rollup, for Node", { project: "node-rollup", build: ["rollup", "--config"] }),
  bundled("Vite, for Node", {
    project: "node-vite",
    build: ["vite", "build", "--ssr", "main.mjs", "--outDir", "out"],
  }),
  ...otherServerCases,
];
