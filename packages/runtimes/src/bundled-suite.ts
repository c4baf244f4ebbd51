/** Bundles the conformance suite and its vectors into one module without imports. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readVectors } from "../../conformance/src/files.ts";

const VECTORS = new URL("../../../test-vectors/", import.meta.url);

let bundled: Promise<string> | undefined;

/** The text of `suite.mjs`; made once. */
export function bundledSuite(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

/** How many vectors there are. */
export const VECTOR_COUNT = readVectors(VECTORS).length;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("suite.ts", import.meta.url))],
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
