// Bundles tsc's declarations into one file per entry and shared files, so that no
// declaration refers to a file that the package does not contain.

import { copyFileSync, writeFileSync } from "node:fs";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { ROOT } from "../sources.mjs";
import { run } from "../step.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm/`;
const EMITTED = `${ROOT}target/declarations/`;

// For projects whose `lib` and `types` have none of the web's types. An empty
// interface merges with the real one, as in @types/react.
const WEB_TYPES = `interface AbortSignal {}
interface ReadableStream<R = any> {}
interface Request {}
interface Response {}
interface TransformStream<I = any, O = any> {}
interface URL {}
`;

/** Writes the declarations of the entries into `folder`. */
export async function writeDeclarations(folder) {
  await run("tsc", ["-p", `${PACKAGE}tsconfig.build.json`, "--outDir", EMITTED], {
    env: { PATH: `${ROOT}node_modules/.bin:${process.env.PATH}` },
  });
  const bundle = await rollup({
    // All entries that load the wasm have the same declarations.
    input: {
      index: `${EMITTED}entry/node.d.ts`,
      slim: `${EMITTED}entry/slim.d.ts`,
      train: `${EMITTED}train/index.d.ts`,
      openai: `${EMITTED}openai/index.d.ts`,
      "ai-sdk": `${EMITTED}ai-sdk/index.d.ts`,
    },
    plugins: [dts()],
  });
  await bundle.write({
    dir: folder,
    entryFileNames: "[name].d.ts",
    chunkFileNames: "shared.d.ts",
    // StreamableParser has Symbol.dispose, which the user's libraries may not declare.
    banner: '/// <reference lib="esnext.disposable" />\n/// <reference path="./web.d.ts" />',
  });
  await bundle.close();
  copyFileSync(`${PACKAGE}src/harmony.wasm.d.ts`, `${folder}harmony.wasm.d.ts`);
  writeFileSync(`${folder}web.d.ts`, WEB_TYPES);
}
