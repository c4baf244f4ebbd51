/**
 * The installed tarball: its contents, the imports of its entries, and bundlers
 * and compilers. `packages/runtimes` runs it in each runtime.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { installPacked } from "harmony-scripts/tarball.mjs";
import { afterAll, describe, expect, it } from "vitest";

const PROJECT = mkdtempSync(join(tmpdir(), "harmony-wasm-package-"));
const PACKAGE = join(PROJECT, "node_modules/harmony-wasm");
afterAll(() => rmSync(PROJECT, { recursive: true }));
await installPacked(PROJECT);

const read = (file: string) => readFileSync(join(PACKAGE, file), "utf8");
const manifest = JSON.parse(read("package.json"));
const ENTRIES = ["node", "node-bundle", "browser", "workerd", "edge-light", "inline", "slim"];
const listed = readdirSync(PACKAGE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(PACKAGE.length + 1));

/** Every file in `exports`, under any condition. */
function targets(exported: unknown): string[] {
  if (typeof exported === "string") return [exported.replace("./", "")];
  return Object.values(Object(exported)).flatMap(targets);
}

/** The files beside `file` that it names: imports, assets and its map. */
function named(file: string): string[] {
  if (!/\.(js|d\.ts)$/.test(file) || file.includes("base64")) return [];
  const declares = file.endsWith(".d.ts");
  const places =
    /(?:from|import|new URL\(|reference path=)\s*["']\.\/([^"'?]+)|sourceMappingURL=(\S+)/g;
  return Array.from(read(file).matchAll(places), ([, beside, map]) => {
    const name = beside ?? map ?? "";
    return `dist/${declares ? name.replace(/\.js$/, ".d.ts") : name}`;
  });
}

function reachable(): Set<string> {
  const found = new Set(targets(manifest.exports));
  // The loop also visits files that are added during it.
  for (const file of found) for (const next of named(file)) found.add(next);
  return found;
}

describe("the tarball", () => {
  it("holds what its entries need, its pages, and nothing else", () => {
    const docs = readdirSync(new URL("../../../docs", import.meta.url));
    const pages = ["LICENSE", "NOTICE", "README.md", "package.json"];
    pages.push(...docs.map((page) => `docs/${page}`));
    const needed = new Set([...reachable(), ...pages]);
    expect(listed.toSorted()).toEqual([...needed].toSorted());
  });

  it("holds one wasm, and one encoded copy of it", () => {
    const wasm = readFileSync(join(PACKAGE, "dist/harmony.wasm"));
    expect(listed.filter((file) => file.endsWith(".wasm"))).toHaveLength(1);
    const holders = listed.filter((file) => read(file).includes(wasm.toString("base64", 0, 3000)));
    expect(holders).toEqual(["dist/harmony-wasm-base64.js"]);
    expect(read("dist/harmony-wasm-base64.js")).toBe(
      `export default "${wasm.toString("base64")}";\n`,
    );
  });

  it("declares no dependencies and no side effects", () => {
    expect(manifest).toMatchObject({ sideEffects: false, type: "module" });
    expect(
      Object.keys(manifest).filter((key) => /^(?:peer|optional|bundled?)?dependencies$/i.test(key)),
    ).toEqual([]);
  });

  it("has links that lead somewhere from npm's page, to files that it holds", () => {
    const own = `https://unpkg.com/harmony-wasm@${manifest.version}/`;
    const pages = listed.filter((file) => file.endsWith(".md"));
    const links = pages.flatMap((file) =>
      Array.from(read(file).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link),
    );
    expect(links.filter((link) => link.startsWith(own)).length).toBeGreaterThan(15);
    const broken = links.filter((link) => {
      if (!link.startsWith(own)) return !/^(?:https:\/\/|#)/.test(link);
      return !listed.includes(link.slice(own.length).replace(/#.*/, ""));
    });
    expect(broken).toEqual([]);
  });

  it("has maps with their sources", () => {
    for (const file of listed.filter((name) => name.endsWith(".map"))) {
      const { sources, sourcesContent } = JSON.parse(read(file));
      expect(sourcesContent).toHaveLength(sources.length);
      expect(sourcesContent.every((source: unknown) => typeof source === "string")).toBe(true);
    }
  });
});

/** Bundles one entry for browsers, without the wasm. */
async function bundled(entry: string) {
  const { metafile } = await build({
    entryPoints: [join(PACKAGE, `dist/${entry}.js`)],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    external: ["*.wasm", "*.wasm?module"],
    supported: { "top-level-await": false },
  });
  const [output] = Object.values(metafile.outputs);
  if (!output) throw new Error("esbuild wrote nothing");
  return output;
}

describe.each(ENTRIES)("the entry %s", (entry) => {
  it("awaits nothing at its top level and imports no builtin of Node", async () => {
    const { imports } = await bundled(entry);
    const wasm = { workerd: ["./harmony.wasm"], "edge-light": ["./harmony.wasm?module"] }[entry];
    expect(imports.map(({ path }) => path)).toEqual(wasm ?? []);
  });

  it("exports what the others do", async () => {
    const own = (await bundled(entry)).exports;
    const [browser, slim] = await Promise.all([bundled("browser"), bundled("slim")]);
    const loaders = ["loadHarmonyEncoding", "loadHarmonyEncodingSync"];
    const shared = slim.exports.filter((name) => name !== "createHarmonyEncoding");
    expect(browser.exports.toSorted()).toEqual([...shared, ...loaders].toSorted());
    expect(own).toEqual(entry === "slim" ? slim.exports : browser.exports);
  });

  it("does not use instanceof for modules", () => {
    expect(read(`dist/${entry}.js`)).not.toContain("instanceof WebAssembly.Module");
    expect(read("dist/shared.js")).not.toContain("instanceof WebAssembly.Module");
  });
});

/** Runs a program in Node, from a folder that is not its own. */
function run(...args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tmpdir(), encoding: "utf8" });
  return stdout + stderr;
}

describe("an import", () => {
  it.each(["browser", "inline", "slim"])("of %s does no work", (entry) => {
    const file = JSON.stringify(join(PACKAGE, `dist/${entry}.js`));
    const without =
      "delete globalThis.WebAssembly; delete globalThis.fetch; delete globalThis.atob";
    const program = `${without}; import(${file}).then((all) => console.log(Object.keys(all).length))`;
    expect(Number(run("-e", program))).toBeGreaterThan(10);
  });
});

const PROGRAM = `
  import { HarmonyError, loadHarmonyEncoding, loadHarmonyEncodingSync } from "harmony-wasm";
  const now = loadHarmonyEncodingSync();
  loadHarmonyEncoding().then((encoding) => {
    console.log(encoding === now, HarmonyError.name, encoding.encode("hello world").join());
  });
`;

describe("a bundle for Node", () => {
  it.each(["esm", "cjs"] as const)(
    "by esbuild, as %s, runs elsewhere with its wasm in it",
    async (format) => {
      const outfile = join(PROJECT, format, `out.${format === "esm" ? "mjs" : "cjs"}`);
      const stdin = { contents: PROGRAM, resolveDir: PROJECT };
      await build({ stdin, outfile, bundle: true, platform: "node", format, logLevel: "error" });
      expect(run(outfile)).toBe("true HarmonyError 24912,2375\n");
      expect(readdirSync(join(PROJECT, format))).toHaveLength(1);
      expect(readFileSync(outfile, "utf8").split("AGFzbQEAAAA")).toHaveLength(2);
    },
  );
});

const HANDLER = `
  import { createHarmonyHandler } from "harmony-wasm/openai";
  const sampled = [200005, 17196, 200008, 35604, 13, 200002];
  const backend = { async *generate() { yield { tokens: sampled, finishReason: "stop" }; } };
  const handler = createHarmonyHandler({ backend });
  const body = JSON.stringify({ messages: [{ role: "user", content: "2 + 2?" }] });
  const request = new Request("http://localhost/v1/chat/completions", { method: "POST", body });
  handler(request)
    .then((response) => response.json())
    .then(({ choices }) => console.log(choices[0].message.content));
`;

describe("a handler that is given no encoding", () => {
  it("loads the package's own, by the runtime's entry", () => {
    writeFileSync(join(PROJECT, "handler.mjs"), HANDLER);
    expect(run(join(PROJECT, "handler.mjs"))).toBe("Four.\n");
  });

  it("does so in a bundle for Node, which runs elsewhere", async () => {
    const outfile = join(PROJECT, "handler", "out.mjs");
    const stdin = { contents: HANDLER, resolveDir: PROJECT };
    const options = { bundle: true, platform: "node", format: "esm" } as const;
    await build({ stdin, outfile, ...options, logLevel: "error" });
    expect(run(outfile)).toBe("Four.\n");
  });
});

describe("a bundle for browsers that is not a module", () => {
  it("reports that its wasm is missing, and what to import instead", async () => {
    const outfile = join(PROJECT, "iife", "out.cjs");
    const entry = JSON.stringify(join(PACKAGE, "dist/browser.js"));
    const contents = `
      import { HarmonyError, loadHarmonyEncoding } from ${entry};
      loadHarmonyEncoding().catch((error) => {
        console.log(error instanceof HarmonyError, error.code, error.message);
      });
    `;
    const stdin = { contents, resolveDir: PROJECT };
    await build({ stdin, outfile, bundle: true, format: "iife", logLevel: "error" });
    const lost = "true load_failed could not load the encoding: the URL of harmony.wasm is unknown";
    expect(run(outfile)).toContain(lost);
    expect(run(outfile)).toContain("import harmony-wasm/inline instead");
  });
});

const TYPED = `
  import * as main from "harmony-wasm";
  import * as inline from "harmony-wasm/inline";
  import { createHarmonyEncoding, StreamableParser } from "harmony-wasm/slim";
  import wasm from "harmony-wasm/harmony.wasm";
  import { createHarmony, harmonyTextMiddleware } from "harmony-wasm/ai-sdk";
  import { conversationFromChatCompletions, RequestError } from "harmony-wasm/openai";

  const encoding: main.HarmonyEncoding = createHarmonyEncoding(wasm);
  export const parser: main.StreamableParser = new StreamableParser(encoding, main.Role.USER);
  export const loading: Promise<main.HarmonyEncoding>[] = [
    inline.loadHarmonyEncoding(undefined, { wasm }),
    main.loadHarmonyEncoding("HarmonyGptOss", { wasm: import("harmony-wasm/harmony.wasm") }),
    main.loadHarmonyEncoding(undefined, { wasm: new Uint8Array(8) }),
    main.loadHarmonyEncoding(undefined, { wasm: new URL("https://example.org/harmony.wasm") }),
  ];
  export const failure: main.HarmonyError = new RequestError("unsupported_content", "no");
  export const ids: Uint32Array = encoding.renderConversation(conversationFromChatCompletions("{}"));
  export const versions: ["v3", "v4"] = [
    createHarmony({ backend: { async *generate() {} } })("gpt-oss").specificationVersion,
    harmonyTextMiddleware({ encoding, version: "v4" }).specificationVersion,
  ];
  // @ts-expect-error
  export const wrong = main.loadHarmonyEncoding("gpt2", { wasm });
  // @ts-expect-error
  export const id: string = encoding.encode("");
`;

describe("the types", () => {
  const root = new URL("../../../node_modules/", import.meta.url).pathname;
  it.each([
    [
      "a page, bundled",
      { lib: ["es2022", "dom"], types: [], moduleResolution: "bundler", module: "esnext" },
    ],
    ["Node", { lib: ["es2022"], types: [`${root}@types/node`], module: "nodenext" }],
    ["a project without the web's types", { lib: ["es2022"], types: [], module: "nodenext" }],
  ])("serve %s, with every library checked", (name, options) => {
    const folder = join(PROJECT, name.replaceAll(/\W/g, ""));
    mkdirSync(folder);
    const hasURL = !name.includes("without");
    const program = TYPED.split("\n").filter((line) => hasURL || !line.includes("new URL("));
    writeFileSync(join(folder, "program.mts"), program.join("\n"));
    const compilerOptions = { ...options, target: "es2022", strict: true, noEmit: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    expect(run(`${root}typescript/bin/tsc`, "-p", folder)).toBe("");
  });

  it('name each entry where resolution ignores exports: "node10", TypeScript 5\'s default for CommonJS', () => {
    const names = Object.keys(manifest.exports).filter((name) => !/^\.$|json$/.test(name));
    const declared = names.map((name) => [name.slice(2), [manifest.exports[name].types]]);
    expect(manifest.typesVersions).toEqual({ "*": Object.fromEntries(declared) });
  });

  // docs/runtimes.md says what to write in a CommonJS file.
  it.each([
    ["node16", 'import { Role } from "harmony-wasm"; Role;', /TS1479/],
    ["node16", 'import("harmony-wasm").then(({ Role }) => Role.USER);', /^$/],
    ["node20", 'import { Role } from "harmony-wasm"; Role;', /^$/],
    ["nodenext", 'import { Role } from "harmony-wasm"; Role;', /^$/],
  ])("answer a CommonJS file under module %s: %s", (module, program, expected) => {
    const folder = mkdtempSync(join(PROJECT, "commonjs-"));
    writeFileSync(join(folder, "program.cts"), program);
    const types = [`${root}@types/node`];
    const compilerOptions = { module, types, lib: ["es2022"], strict: true, noEmit: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    expect(run(`${root}typescript/bin/tsc`, "-p", folder)).toMatch(expected);
  });
});
