/** Every file that a page links to, and every path in CONTRIBUTING's map, exists. */

import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
const PATH = /`((?:packages|crates|scripts|docs|test-vectors)\/[\w./-]+)`/g;
/** Not in git: the build or a fuzzer writes it. */
const WRITTEN = /(?:^|\/)(?:generated|dist|target)(?:\/|$)/;

/** A copy of the README that the build writes; its links are those of the original. */
const COPY = "packages/harmony-wasm/README.md";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs")).map((page) => `docs/${page}`),
  ...["README.md", "*/README.md", "*/src/README.md"].flatMap((page) =>
    ["packages", "crates"].flatMap((folder) => globSync(`${folder}/${page}`, { cwd: ROOT })),
  ),
].filter((page) => page.endsWith(".md") && page !== COPY && existsSync(join(ROOT, page)));

const read = (page: string) => readFileSync(join(ROOT, page), "utf8");

it("pages are found", () => expect(pages.length).toBeGreaterThan(15));

it.each(pages)("%s links to files that exist", (page) => {
  const links = Array.from(read(page).matchAll(LINK), ([, link = ""]) => link);
  const broken = links.filter((link) => !existsSync(join(ROOT, dirname(page), link)));
  expect(broken).toEqual([]);
});

it("CONTRIBUTING.md names paths that exist", () => {
  const paths = Array.from(read("CONTRIBUTING.md").matchAll(PATH), ([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !WRITTEN.test(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});
