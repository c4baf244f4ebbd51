// Wraps wasm-bindgen's glue, unchanged, in a factory. The glue is a module that
// holds the memory views of one instance, so each instance needs its own copy.

import { writeFileSync } from "node:fs";
import { build } from "esbuild";

const START = "export function createGlue() {";
const END = `return {
  Encoding: glue.Encoding,
  EventParser: glue.EventParser,
  Parser: glue.Parser,
  imports: { "./harmony_wasm_bg.js": glue },
  start(exports) {
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
  },
};
}`;

const TYPES = `import type { Encoding, EventParser, Parser } from "./boundary/harmony_wasm.js";

/** wasm-bindgen copies the arrays that it returns, and its types do not say so. */
type Owned<T> = T extends Uint32Array
  ? ReturnType<Uint32ArrayConstructor["of"]>
  : T extends Uint8Array
    ? ReturnType<Uint8ArrayConstructor["of"]>
    : T;
type Copying<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Owned<R> : T[K];
};

export type BoundaryEncoding = Copying<Encoding>;
export type BoundaryEventParser = EventParser;
export type BoundaryParser = Parser;
export interface Glue {
  Encoding: new (...args: ConstructorParameters<typeof Encoding>) => BoundaryEncoding;
  EventParser: typeof EventParser;
  Parser: typeof Parser;
  /** The imports of the wasm. */
  imports: WebAssembly.Imports;
  /** Connects the glue to an instance's exports. Call it once. */
  start(exports: WebAssembly.Exports): void;
}
/** Glue for one instance. */
export function createGlue(): Glue;
`;

/** Writes glue.js and glue.d.ts from the glue in boundary/. */
export async function writeGlue(folder, sources) {
  const header = `// Written by scripts/build/glue.mjs; do not edit. sources: ${sources}\n`;
  await build({
    entryPoints: [`${folder}boundary/harmony_wasm_bg.js`],
    outfile: `${folder}glue.js`,
    bundle: true,
    format: "iife",
    globalName: "glue",
    banner: { js: `${header}${START}` },
    footer: { js: END },
    logLevel: "warning",
  });
  writeFileSync(`${folder}glue.d.ts`, `${header}${TYPES}`);
}
