/**
 * The package in another realm, as on edge runtimes: bytes and modules have classes
 * of the outer realm, and compiling may be forbidden.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { DIST, expectToWork, failureOf, type Package } from "./support.js";

type Slim = typeof import("harmony-wasm/slim");

const WASM = readFileSync(new URL("harmony.wasm", DIST));
const { outputFiles } = await build({
  stdin: {
    contents: 'export * from "./inline.js"; export { createHarmonyEncoding } from "./slim.js"',
    resolveDir: fileURLToPath(DIST),
  },
  bundle: true,
  write: false,
  format: "iife",
  globalName: "harmony",
});

/** The package in a new realm that has the globals of every runtime. */
function inAnotherRealm(compiles: boolean): Package & Slim {
  const globals = { atob, fetch, Response, TextDecoder, TextEncoder, URL };
  const context = createContext(globals, { codeGeneration: { strings: false, wasm: compiles } });
  return runInContext(`${outputFiles[0]?.text}; harmony`, context);
}

const forms: [string, () => WebAssembly.Module | Uint8Array | ArrayBuffer][] = [
  ["a module", () => new WebAssembly.Module(WASM)],
  ["bytes", () => WASM],
  ["a buffer", () => Uint8Array.from(WASM).buffer],
];

describe("another realm", () => {
  it.each(forms)("accepts %s of this one", async (_, form) => {
    const { createHarmonyEncoding, loadHarmonyEncoding } = inAnotherRealm(true);
    expectToWork(createHarmonyEncoding(form()));
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: form() }));
  });
});

describe("a realm that forbids compiling", () => {
  it("accepts a module", async () => {
    const { createHarmonyEncoding, loadHarmonyEncoding } = inAnotherRealm(false);
    const module = new WebAssembly.Module(WASM);
    expectToWork(createHarmonyEncoding(module));
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: { default: module } }));
  });

  it("refuses everything else with advice", async () => {
    const { createHarmonyEncoding, loadHarmonyEncoding, loadHarmonyEncodingSync } =
      inAnotherRealm(false);
    const calls = [
      () => loadHarmonyEncoding(),
      () => loadHarmonyEncodingSync(),
      () => loadHarmonyEncoding(undefined, { wasm: WASM }),
      () => createHarmonyEncoding(WASM),
    ];
    for (const call of calls) {
      const failure = await failureOf(call);
      expect(failure).toMatchObject({ name: "HarmonyError", code: "load_failed" });
      expect(String(failure)).toMatch(/does not compile wasm from bytes; import the module/);
      expect(String(failure)).not.toContain("inline");
    }
  });
});
