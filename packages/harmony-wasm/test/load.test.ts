/**
 * Loading in Node: what is shared, every form of the wasm, and failures with
 * what comes after them. The loader keeps its instance, so each test imports
 * a copy of its own.
 */

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WasmSource } from "harmony-wasm";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DIST, expectToWork, failureOf, freshCopy, hostile } from "./support.js";

const WASM = readFileSync(new URL("harmony.wasm", DIST));
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const requests: string[] = [];
const answers: Record<string, RequestListener> = {
  "/harmony.wasm": (_, response) => {
    response.setHeader("content-type", "application/wasm").end(WASM);
  },
  "/text.wasm": (_, response) => {
    response.setHeader("content-type", "text/plain").end(WASM);
  },
  "/hung-up.wasm": (request) => request.socket.destroy(),
  "/half.wasm": (request, response) => {
    response.setHeader("content-length", WASM.length);
    response.write(WASM.subarray(0, 1000), () => request.socket.destroy());
  },
};
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  const answer = answers[request.url ?? ""];
  if (answer) answer(request, response);
  else response.writeHead(404).end();
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address && typeof address === "object") origin = `http://127.0.0.1:${address.port}`;
});
afterAll(() => server.close());

describe("an encoding", () => {
  it("is shared by concurrent loads", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    const loads = Array.from({ length: 10 }, () => loadHarmonyEncoding());
    const encodings = new Set(await Promise.all(loads));
    expect(encodings.size).toBe(1);
    for (const encoding of encodings) expectToWork(encoding);
  });

  it("is shared by a synchronous load while another is under way", async () => {
    const { loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
    const loading = loadHarmonyEncoding();
    const now = loadHarmonyEncodingSync();
    expect(await loading).toBe(now);
    expectToWork(now);
  });

  it("is the same a thousand loads later", async () => {
    const { HarmonyEncodingName, loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
    const first = await loadHarmonyEncoding();
    for (let load = 0; load < 1000; load += 1) {
      expect(await loadHarmonyEncoding(HarmonyEncodingName.HARMONY_GPT_OSS)).toBe(first);
      expect(loadHarmonyEncodingSync()).toBe(first);
    }
    expectToWork(first);
  });

  it("is loaded by upstream's name alone", async () => {
    const { HarmonyError, loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
    const unknown = { code: "unknown_encoding", message: "Invalid HarmonyEncodingName: gpt2" };
    const failure = await failureOf(() => loadHarmonyEncoding(hostile("gpt2")));
    expect(failure).toBeInstanceOf(HarmonyError);
    expect(failure).toMatchObject(unknown);
    expect(() => loadHarmonyEncodingSync(hostile("gpt2"))).toThrow(
      expect.objectContaining(unknown),
    );
    expectToWork(await loadHarmonyEncoding("HarmonyGptOss"));
  });
});

const compiled = new WebAssembly.Module(WASM);
const { buffer, byteOffset, byteLength } = WASM;
const forms: [what: string, source: () => WasmSource, request?: string][] = [
  ["a URL's text", () => `${origin}/harmony.wasm`, "/harmony.wasm"],
  ["a URL", () => new URL(`${origin}/harmony.wasm`), "/harmony.wasm"],
  ["a URL with another MIME type", () => `${origin}/text.wasm`, "/text.wasm"],
  ["a promise of a Response", () => fetch(`${origin}/harmony.wasm`), "/harmony.wasm"],
  ["a Response", () => new Response(WASM)],
  ["a Uint8Array", () => Uint8Array.from(WASM)],
  ["a DataView", () => new DataView(buffer, byteOffset, byteLength)],
  ["an ArrayBuffer", () => Uint8Array.from(WASM).buffer],
  ["a promise of bytes", () => Promise.resolve(WASM)],
  ["a module", () => compiled],
  ["a module's namespace", () => ({ default: compiled })],
  ["a promise of a module's namespace", () => Promise.resolve({ default: compiled })],
  [
    "a promise of a URL's namespace",
    async () => ({ default: `${origin}/harmony.wasm` }),
    "/harmony.wasm",
  ],
];

describe("the wasm", () => {
  it.each(forms)("may be %s", async (_, source, request) => {
    const { loadHarmonyEncoding } = await freshCopy();
    requests.length = 0;
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: source() }));
    expect(requests).toEqual(request ? [request] : []);
  });

  it("is not asked for again once there is an encoding", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    const encoding = await loadHarmonyEncoding();
    requests.length = 0;
    expect(await loadHarmonyEncoding(undefined, { wasm: `${origin}/none` })).toBe(encoding);
    expect(requests).toEqual([]);
  });
});

const wanted = '"options.wasm" expected a URL, a Response, bytes or a module, got';
const used = async () => {
  const response = await fetch(`${origin}/harmony.wasm`);
  await response.arrayBuffer();
  return response;
};
const failures: [what: string, source: () => unknown, code: string | undefined, says: string][] = [
  [
    "a URL that is not found",
    () => `${origin}/none`,
    "load_failed",
    "/none answered with status 404",
  ],
  [
    "a Response that is not ok",
    () => new Response("", { status: 503 }),
    "load_failed",
    "status 503",
  ],
  ["a server that hangs up", () => `${origin}/hung-up.wasm`, "load_failed", "/hung-up.wasm"],
  ["a server that hangs up halfway", () => `${origin}/half.wasm`, "load_failed", "/half.wasm"],
  ["a Response that has been read", used, "load_failed", "/harmony.wasm"],
  ["no server", () => "http://127.0.0.1:1/x", "load_failed", "http://127.0.0.1:1/x"],
  ["no URL", () => "harmony.wasm", "load_failed", "harmony.wasm could not be fetched"],
  ["truncated wasm", () => WASM.subarray(0, 100_000), "load_failed", "does not compile"],
  ["no wasm", () => Uint8Array.of(1, 2, 3), "load_failed", "does not compile"],
  ["no bytes", () => new ArrayBuffer(0), "load_failed", "does not compile"],
  ["foreign wasm", () => EMPTY_MODULE, "load_failed", "cannot be instantiated"],
  ["a foreign module", () => new WebAssembly.Module(EMPTY_MODULE), "load_failed", "instantiated"],
  ["a number", () => 7, undefined, `${wanted} 7`],
  ["a function", () => () => 7, undefined, `${wanted} a function`],
  ["an object", () => ({}), undefined, `${wanted} an object (Object)`],
  ["a namespace of null", () => ({ default: null }), undefined, `${wanted} null`],
  ["a promise of null", () => Promise.resolve(null), undefined, `${wanted} null`],
  ["a promise of undefined", () => Promise.resolve(), undefined, `${wanted} undefined`],
  ["a promise of a symbol", () => Promise.resolve(Symbol("s")), undefined, `${wanted} Symbol(s)`],
];

describe("a failed load", () => {
  it.each(failures)("of %s says so and is forgotten", async (_, source, code, says) => {
    const { HarmonyError, loadHarmonyEncoding } = await freshCopy();
    const failure = await failureOf(() =>
      loadHarmonyEncoding(undefined, { wasm: hostile(source()) }),
    );
    expect(failure).toBeInstanceOf(code ? HarmonyError : TypeError);
    expect(Object(failure).code).toBe(code);
    expect(String(failure)).toContain(says);
    expectToWork(await loadHarmonyEncoding());
  });

  it("comes through when it is the user's own", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    const own = new Error("the user's own");
    expect(
      await failureOf(() => loadHarmonyEncoding(undefined, { wasm: Promise.reject(own) })),
    ).toBe(own);
    expectToWork(await loadHarmonyEncoding());
  });
});

describe("a failure", () => {
  it("is shared by the loads that waited for it, and by no later one", async () => {
    const { loadHarmonyEncoding } = await freshCopy();
    const first = failureOf(() => loadHarmonyEncoding(undefined, { wasm: `${origin}/none` }));
    const second = failureOf(() => loadHarmonyEncoding());
    expect(await first).toBe(await second);
    expectToWork(await loadHarmonyEncoding());
  });

  it("of the package's own wasm says so and is forgotten", async () => {
    const folder = mkdtempSync(join(tmpdir(), "harmony-wasm-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    copyFileSync(fileURLToPath(new URL("node.js", DIST)), join(folder, "node.mjs"));
    copyFileSync(fileURLToPath(new URL("node.js.map", DIST)), join(folder, "node.js.map"));
    const copy = await freshCopy(pathToFileURL(join(folder, "node.mjs")));
    const missing = expect.objectContaining({
      code: "load_failed",
      message: expect.stringContaining("harmony.wasm"),
    });
    expect(() => copy.loadHarmonyEncodingSync()).toThrow(missing);
    expect(await failureOf(() => copy.loadHarmonyEncoding())).toEqual(missing);
    copyFileSync(fileURLToPath(new URL("harmony.wasm", DIST)), join(folder, "harmony.wasm"));
    expectToWork(await copy.loadHarmonyEncoding());
  });

  it("does not undo a synchronous load", async () => {
    const { loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
    const failing = failureOf(() => loadHarmonyEncoding(undefined, { wasm: `${origin}/none` }));
    const encoding = loadHarmonyEncodingSync();
    expect(await failing).toMatchObject({ code: "load_failed" });
    expect(await loadHarmonyEncoding()).toBe(encoding);
    expectToWork(encoding);
  });
});
