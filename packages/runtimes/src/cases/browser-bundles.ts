/** Bundles for browsers, each opened in a page. */

import { cp, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { RuntimeCase } from "../case.ts";
import { reportOfPage } from "../pages.ts";

const BUN = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

/** How a bundle is made. */
interface Bundle {
  /** The folder that is built, in `out/`. */
  out: string;
  build: string[];
  /** The script that the page runs; none where the bundler makes the page. */
  script?: "main.js" | "inline.js" | "file.js" | "binary.js";
  /** Whether it is a module. */
  module?: boolean;
  /** Whether the user copies the wasm beside it. */
  copied?: boolean;
}

function bundled(name: string, { out, build, script, ...is }: Bundle): RuntimeCase {
  return {
    name,
    project: "browser-bundles",
    copy: "browser-bundles",
    download: [`out/${out}`],
    async run(project) {
      const [tool = "", ...args] = build;
      await project.run(tool, args);
      const folder = `${project.folder}out/${out}/`;
      const wasm = `${project.folder}node_modules/harmony-wasm/dist/harmony.wasm`;
      if (is.copied) await cp(wasm, `${folder}harmony.wasm`);
      if (script === undefined) return reportOfPage(project, { path: `out/${out}/index.html` });
      const type = is.module ? ' type="module"' : "";
      const page = `<!doctype html><script${type} src="out/${out}/${script}"></script>\n`;
      await writeFile(`${project.folder}${out}.html`, page);
      return reportOfPage(project, { path: `${out}.html` });
    },
  };
}

function webpack(tool: string, name: string, root: string): RuntimeCase {
  const out = `${tool}-${root}`;
  const command = tool === "rspack" ? [tool, "build"] : [tool];
  const entry = ["--entry", `./${root}/main.js`, "--output-path", `out/${out}`];
  const build = [...command, "--mode", "production", ...entry];
  return bundled(name, { out, build, script: "main.js" });
}

function rollup(name: string, out: string, input: string, is: Partial<Bundle>): RuntimeCase {
  const build = ["rollup", "--plugin", "node-resolve", input, "--dir", `out/${out}`];
  return bundled(name, { out, build, script: "main.js", module: true, ...is });
}

function esbuild(name: string, out: string, args: string[], is: Partial<Bundle>): RuntimeCase {
  const build = ["esbuild", "--bundle", "--minify", `--outdir=out/${out}`, ...args];
  return bundled(name, { out, build, ...is });
}

const BESIDE = { script: "main.js", module: true, copied: true } as const;
const PARCEL = [
  "parcel",
  "build",
  "page/index.html",
  "--no-source-maps",
  "--cache-dir",
  "out/cache",
];

export const browserBundleCases: RuntimeCase[] = [
  webpack("webpack", "webpack, a page", "page"),
  webpack("webpack", "webpack, a page and its worker", "worker"),
  webpack("rspack", "Rspack, a page", "page"),
  bundled("Parcel, a page", {
    out: "parcel",
    build: [...PARCEL, "--public-url", "/out/parcel", "--dist-dir", "out/parcel"],
  }),
  rollup("Rollup, a page, the wasm copied", "rollup", "page/main.js", BESIDE),
  rollup("Rollup, a page, ./inline", "rollup-inline", "inline.js", { script: "inline.js" }),
  esbuild("esbuild, a page, ./inline", "esbuild-inline", ["inline.js"], { script: "inline.js" }),
  esbuild("esbuild, a page, the wasm copied", "esbuild", ["page/main.js", "--format=esm"], BESIDE),
  esbuild(
    "esbuild, a page, --loader:.wasm=file",
    "esbuild-file",
    ["file.js", "--loader:.wasm=file", "--public-path=/out/esbuild-file"],
    { script: "file.js" },
  ),
  esbuild(
    "esbuild, a page, ./slim and --loader:.wasm=binary",
    "esbuild-binary",
    ["binary.js", "--loader:.wasm=binary"],
    { script: "binary.js" },
  ),
  bundled("Bun's bundler, a page, ./inline", {
    out: "bun",
    build: [BUN, "build", "inline.js", "--target=browser", "--outdir=out/bun"],
    script: "inline.js",
    module: true,
  }),
];
