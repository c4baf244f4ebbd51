/**
 * Loading in Node: the cases of `packages/conformance` for the entries that work
 * here, and cases that need a file system. Loaders keep their instance, so each
 * case imports its own copy.
 */

import { cpSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadingCases } from "harmony-conformance/loading/cases";
import { startServer } from "harmony-conformance/loading/server";
import { createHarmonyEncoding } from "harmony-wasm/slim";
import { afterAll, describe, expect, it, vi } from "vitest";
import { DIST, expectToWork, failureOf, freshCopy, installedAgain } from "./support.js";

const FILE = new URL("harmony.wasm", DIST);
const WASM = Uint8Array.from(readFileSync(FILE));
const server = await startServer(WASM);
afterAll(() => server.close());

describe.each(["node.js", "inline.js"])("the entry %s", (entry) => {
  const environment = {
    freshCopy: () => freshCopy(new URL(entry, DIST)),
    slim: () => import("harmony-wasm/slim"),
    loadsNow: true,
    origin: server.origin,
    wasm: WASM,
  };
  it.each(loadingCases)("$name", ({ run }) => run(environment));

  it("accepts a SharedArrayBuffer", async () => {
    const shared = new SharedArrayBuffer(WASM.length);
    new Uint8Array(shared).set(WASM);
    const { loadHarmonyEncoding } = await environment.freshCopy();
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: shared }));
  });
});

describe("in Node", () => {
  it.each([FILE, FILE.href])("the file URL %o is read", async (wasm) => {
    const { loadHarmonyEncoding } = await freshCopy();
    expectToWork(await loadHarmonyEncoding(undefined, { wasm }));
  });

  it("an invalid source is refused, whether or not the encoding is loaded", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    for (let load = 0; load < 2; load += 1) {
      for (const wasm of [5, null, {}, true]) {
        const failure = await failureOf(() =>
          loadHarmonyEncoding(undefined, { wasm: wasm as never }),
        );
        expect(failure).toBeInstanceOf(TypeError);
        expect(String(failure)).toContain('"options.wasm" expected a URL, a Response, bytes or a');
      }
      expectToWork(await loadHarmonyEncoding());
    }
    // A source of a right type is not looked at any more.
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: "nope" }));
  });

  it("a missing file is named in the error, and the next load works", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    const wasm = new URL("none.wasm", DIST);
    const failure = await failureOf(() => loadHarmonyEncoding(undefined, { wasm }));
    expect(failure).toMatchObject({ code: "load_failed", cause: { code: "ENOENT" } });
    expect(String(failure)).toContain(`${wasm} cannot be read: ENOENT`);
    expectToWork(await loadHarmonyEncoding());
  });

  it("the error for the package's missing wasm gives advice, and the next load works", async () => {
    const folder = installedAgain("harmony.wasm");
    const copy = await freshCopy(new URL("node.js", folder));
    const missing = expect.objectContaining({
      code: "load_failed",
      message: expect.stringMatching(/harmony\.wasm cannot be read: ENOENT.*harmony-wasm\/inline/),
    });
    expect(() => copy.loadHarmonyEncodingSync()).toThrow(missing);
    expect(await failureOf(() => copy.loadHarmonyEncoding())).toEqual(missing);
    cpSync(fileURLToPath(FILE), fileURLToPath(new URL("harmony.wasm", folder)));
    expectToWork(await copy.loadHarmonyEncoding());
  });

  it("the inlined wasm needs no file", async () => {
    const folder = installedAgain("harmony.wasm");
    const copy = await freshCopy(new URL("inline.js", folder));
    expectToWork(copy.loadHarmonyEncodingSync());
  });

  it("a failure does not undo a synchronous load", async () => {
    const { loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
    const wasm = `${server.origin}/none`;
    const failing = failureOf(() => loadHarmonyEncoding(undefined, { wasm }));
    const encoding = loadHarmonyEncodingSync();
    expect(await failing).toMatchObject({ code: "load_failed" });
    expect(await loadHarmonyEncoding()).toBe(encoding);
    expectToWork(encoding);
  });
});

describe("a runtime without WebAssembly", () => {
  it("is named in the error, and the next load works", async () => {
    const copy = await freshCopy();
    vi.stubGlobal("WebAssembly", undefined);
    const lacking = expect.objectContaining({
      code: "load_failed",
      message: expect.stringContaining("there is no WebAssembly here"),
    });
    expect(() => copy.loadHarmonyEncodingSync()).toThrow(lacking);
    expect(await failureOf(() => copy.loadHarmonyEncoding())).toEqual(lacking);
    expect(await failureOf(() => createHarmonyEncoding(WASM))).toMatchObject({
      code: "load_failed",
    });
    vi.unstubAllGlobals();
    expectToWork(await copy.loadHarmonyEncoding());
  });
});

describe("an old runtime", () => {
  it("is refused with the versions that are new enough", async () => {
    const copy = await freshCopy();
    vi.stubGlobal("String", function Old() {});
    const failures = await Promise.all([
      failureOf(() => copy.loadHarmonyEncoding()),
      failureOf(() => copy.loadHarmonyEncodingSync()),
      failureOf(() => createHarmonyEncoding(WASM)),
    ]);
    vi.unstubAllGlobals();
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: "load_failed" });
      expect((failure as Error).message).toContain("too old: it needs Node 20.19, Chrome 111");
    }
  });
});

describe("a long source", () => {
  it("is not repeated whole in the message", async () => {
    const { loadHarmonyEncoding } = await freshCopy(new URL("inline.js", DIST));
    const base64 = Buffer.from(WASM).toString("base64");
    for (const wasm of [`data:application/wasm;base64,AAAA${base64}`, `data:,${base64}`, base64]) {
      const failure = (await failureOf(() => loadHarmonyEncoding(undefined, { wasm }))) as Error;
      expect(failure).toMatchObject({ code: "load_failed" });
      expect(failure.message.length).toBeLessThan(800);
      expect(failure.message).toMatch(/… \(\d{7} characters\)/);
    }
  });
});

describe("the browsers' entry", () => {
  const browser = () => freshCopy(new URL("browser.js", DIST));

  it("reports that it loads asynchronously", async () => {
    const { loadHarmonyEncoding, loadHarmonyEncodingSync } = await browser();
    const says = /use loadHarmonyEncoding\(\), or harmony-wasm\/slim/;
    const failure = expect.objectContaining({
      code: "load_failed",
      message: expect.stringMatching(says),
    });
    expect(() => loadHarmonyEncodingSync()).toThrow(failure);
    const wasm = `${server.origin}/harmony.wasm`;
    const encoding = await loadHarmonyEncoding(undefined, { wasm });
    expect(loadHarmonyEncodingSync()).toBe(encoding);
  });

  it("reports that it does not read files", async () => {
    const { loadHarmonyEncoding } = await browser();
    const failure = await failureOf(() => loadHarmonyEncoding());
    expect(failure).toMatchObject({ code: "load_failed" });
    expect(String(failure)).toMatch(/fetch does not read file: URLs here; pass the bytes.*inline/);
  });
});
