/** Packages reach each other by name: a relative path over a package's border is an error. */

import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";
import { ROOT, sourceFiles } from "./source-files.ts";

const SOURCE = /\.(?:ts|mts|js|mjs|cjs)$/;
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\()["'](\.{1,2}\/[^"']*)["']/g;

/** Not a package, so it has no name to import it by; tests run its files. */
const EXAMPLES = "examples";

/** The folder with the package.json that a path belongs to, relative to the root. */
function packageOf(path: string): string {
  const [top = "", name = ""] = relative(ROOT, path).split("/");
  return top === "packages" ? `packages/${name}` : top;
}

/** `file: import` for each relative import of a text that leaves the file's package. */
function crossings(file: string, text: string): string[] {
  return [...text.matchAll(IMPORT)]
    .map(([, path = ""]) => path)
    .filter(
      (path) => ![packageOf(file), EXAMPLES].includes(packageOf(resolve(dirname(file), path))),
    )
    .map((path) => `${relative(ROOT, file)}: ${path}`);
}

it("no import crosses a package's border by a relative path", () => {
  const files = ["packages", "scripts", "examples"]
    .flatMap((folder) => sourceFiles(folder, SOURCE))
    .map((file) => join(ROOT, file));
  expect(files.length).toBeGreaterThan(150);
  expect(files.flatMap((file) => crossings(file, readFileSync(file, "utf8")))).toEqual([]);
});

// `~` is `..`, so that this file does not find itself.
it.each([
  ['import { table } from "~/~/bench/src/table.ts";', 1],
  ['export { a } from "~/~/~/scripts/tarball.mjs";', 1],
  ['const a = await import("~/~/conformance/src/files.ts");', 1],
  ['import { a } from "~/~/~/examples/agent.ts";', 0],
  ['import { a } from "./page/index.ts";', 0],
  ['import { a } from "harmony-conformance/files";', 0],
])("%s crosses %i borders", (line, count) => {
  const text = line.replaceAll("~", "..");
  expect(crossings(join(ROOT, "packages/runtimes/src/readme.ts"), text)).toHaveLength(count);
});
