/**
 * Every example runs: the `ts` blocks of the README and of docs/, and the
 * `@example` of every docstring. A statement followed by `// => value`, on its
 * line or on the next, must have that value.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as main from "harmony-wasm";
import * as slim from "harmony-wasm/slim";
import * as train from "harmony-wasm/train";
import { afterAll, describe, expect, it } from "vitest";

const ROOT = new URL("../../../", import.meta.url);
const SOURCES = new URL("../src/", import.meta.url);
const SCRATCH = new URL("./.examples/", import.meta.url);

interface Example {
  place: string;
  code: string;
}

function documents(): Example[] {
  const pages = readdirSync(new URL("docs/", ROOT)).map((page) => `docs/${page}`);
  return ["README.md", ...pages].flatMap((page) =>
    blocks(page, readFileSync(new URL(page, ROOT), "utf8")),
  );
}

function docstrings(): Example[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !file.startsWith("generated"))
    .flatMap((file) => {
      const text = readFileSync(new URL(file, SOURCES), "utf8");
      return blocks(`src/${file}`, text.replaceAll(/^ *\* ?/gm, ""));
    });
}

function blocks(place: string, text: string): Example[] {
  return Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```/gm), ({ 1: code = "", index }) => {
    const line = text.slice(0, index).split("\n").length;
    return { place: `${place}:${line}`, code };
  });
}

/** The example as a module in which each `// =>` is a call of `check`. */
function checked(code: string): string {
  const statement =
    /(?<=^|[;{}]\n|\n\n|\/\/ .*\n)((?:(?![;{}]\n|\n\n|\n\/\/|\/\/ =>).|\n)+?);?\s*\/\/ => (.*)$/gm;
  const checks = code.replaceAll(statement, "check(($1), $2);");
  return `import { check } from "../examples.check.ts";\n${checks}\nexport {};\n`;
}

afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

describe.each([
  ["documents", documents(), 8],
  ["docstrings", docstrings(), 30],
] as const)("%s", (name, examples, atLeast) => {
  it("are all found", () => expect(examples.length).toBeGreaterThanOrEqual(atLeast));

  it.each(examples.map((example) => [example.place, example.code] as const))(
    "%s",
    async (place, code) => {
      mkdirSync(SCRATCH, { recursive: true });
      const file = new URL(`${place.replaceAll(/\W+/g, "-")}.ts`, SCRATCH);
      writeFileSync(file, checked(code));
      const { checks } = await import("./examples.check.ts");
      const before = checks();
      await import(file.href);
      expect(checks() - before).toBe(code.split("// => ").length - 1);
      if (name === "docstrings") expect(code).toContain("// => ");
    },
  );
});

/** The docstring right before a declaration, or undefined. */
function docstringOf(declaration: RegExp): string | undefined {
  for (const text of sources()) {
    const at = text.search(declaration);
    if (at < 0) continue;
    return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(text.slice(0, at))?.[0] ?? "";
  }
  return undefined;
}

function sources(): string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !file.startsWith("generated"))
    .map((file) => readFileSync(new URL(file, SOURCES), "utf8"));
}

/** The names of the types that an entry exports, by its own lists. */
function typesOf(index: string): string[] {
  const text = readFileSync(new URL(index, SOURCES), "utf8");
  return Array.from(text.matchAll(/\btype (\w+)(?=[,\s}])/g), ([, name = ""]) => name);
}

const ENTRIES = { "harmony-wasm": main, "harmony-wasm/slim": slim, "harmony-wasm/train": train };
const VALUES = new Set(Object.values(ENTRIES).flatMap((entry) => Object.keys(entry)));

describe("what is exported", () => {
  it("is found", () => {
    expect(VALUES).toContain("RecoveringParser");
    expect(VALUES).toContain("pack");
    expect(typesOf("index.ts")).toContain("FitOptions");
  });

  it.each([...VALUES])("%s has a docstring with an example", (name) => {
    const declared = new RegExp(`^export (?:class|function|const) ${name}\\b`, "m");
    expect(docstringOf(declared)).toMatch(/^ \* @example\n \* ```ts$/m);
  });

  it.each([...typesOf("index.ts"), ...typesOf("train/index.ts")])("%s has a docstring", (name) => {
    const declared = new RegExp(`^export (?:interface|type|class) ${name}\\b`, "m");
    expect(docstringOf(declared)).toMatch(/\w/);
  });

  it.each<[name: string, prototype: object]>([
    ["HarmonyEncoding", main.HarmonyEncoding.prototype],
    ["StreamableParser", main.StreamableParser.prototype],
    ["RecoveringParser", main.RecoveringParser.prototype],
    ["Packer", Object.getPrototypeOf(train.createPacker({ length: 1 }))],
  ])("the members of %s have docstrings", (_, prototype) => {
    const members = Object.getOwnPropertyNames(prototype);
    const bare = members.filter((name) => {
      const declared = new RegExp(`^  (?:get |async )?${name}\\(`, "m");
      return name !== "constructor" && !docstringOf(declared);
    });
    expect(bare).toEqual([]);
  });
});
