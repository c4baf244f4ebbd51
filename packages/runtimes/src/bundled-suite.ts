/** Bundles what runs in the projects into modules without imports. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readVectors } from "harmony-conformance/files";

const VECTORS = new URL("../../../test-vectors/", import.meta.url);

const bundles = new Map<string, Promise<string>>();

/** The text of `suite.mjs`: the conformance suite and its vectors. */
export function bundledSuite(): Promise<string> {
  return bundled("suite.ts");
}

/** The text of `cases.mjs`: the tests that only pages run. */
export function bundledPageCases(): Promise<string> {
  return bundled("page/index.ts");
}

/** The text of `handler.mjs`: the cases of the handler, with `openai` in them. */
export function bundledHandlerCases(): Promise<string> {
  return bundled("handler/index.ts");
}

/** Each is made once. */
function bundled(file: string): Promise<string> {
  const made = bundles.get(file) ?? bundle(file);
  bundles.set(file, made);
  return made;
}

/** How many vectors there are. */
export const VECTOR_COUNT = readVectors(VECTORS).length;

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    // Deno asks for a permission where the environment is read.
    define: { "globalThis.process": "undefined" },
    plugins: [
      {
        name: "raw-vectors",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^raw-vectors$/ }, ({ path }) => ({ path, namespace: "vectors" }));
          onLoad({ filter: /./, namespace: "vectors" }, () => ({
            contents: JSON.stringify(rawVectors()),
            loader: "json",
          }));
        },
      },
    ],
  });
  return outputFiles.map(({ text }) => text).join("");
}

function rawVectors() {
  const names = new Set(readVectors(VECTORS).map(({ id }) => id.split("/")[0]));
  const text = (file: string) => readFileSync(new URL(file, VECTORS), "utf8");
  return [...names].map((name) => [
    name,
    text(`inputs/${name}.json`),
    text(`expected/${name}.json`),
  ]);
}
