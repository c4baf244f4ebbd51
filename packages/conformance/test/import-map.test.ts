/**
 * No folder needs its neighbour back: the imports of each source tree form a
 * graph without cycles. A file that lies beside folders counts as a node of its
 * own, so that a package's index may import every folder and its errors none.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The trees, with the folders that may still contain or join a cycle: each is a debt to pay off. */
const TREES: Record<string, readonly string[]> = {
  "packages/harmony-wasm/src": ["openai"],
  "packages/harmony-wasm-cli/src": [
    "arrow",
    "columns",
    "files",
    "input",
    "options",
    "output",
    "pipeline",
    "progress.ts",
    "rendering",
  ],
  "packages/conformance/src": [],
  "packages/runtimes/src": [],
  "crates/harmony-core/src": [],
};

const TYPESCRIPT = /(?:\bfrom\s+|\bimport\s*\(?\s*)["'](\.{1,2}\/[^"']*)["']/g;
const RUST = /\bcrate::([a-z_0-9]+)/g;

type Graph = Map<string, Set<string>>;

function graphOf(tree: string): Graph {
  const base = join(ROOT, tree);
  const files = readdirSync(base, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(?:ts|rs)$/.test(file) && !file.startsWith("generated"),
  );
  const parents = new Set(files.map((file) => dirname(dirname(file))));
  const nodeOf = (file: string) => (parents.has(dirname(file)) ? file : dirname(file));
  const graph: Graph = new Map();
  for (const file of files) {
    const text = readFileSync(join(base, file), "utf8");
    const targets = file.endsWith(".rs") ? modules(text) : relativeImports(base, file, text);
    const from = file.endsWith(".rs") ? moduleOf(file) : nodeOf(file);
    const to = file.endsWith(".rs") ? targets : targets.map(nodeOf);
    addArrows(graph, from, to);
  }
  return graph;
}

function addArrows(graph: Graph, from: string, targets: string[]): void {
  const arrows = graph.get(from) ?? new Set();
  for (const target of targets) if (target !== from) arrows.add(target);
  graph.set(from, arrows);
}

function relativeImports(base: string, file: string, text: string): string[] {
  return [...text.matchAll(TYPESCRIPT)]
    .map(([, path = ""]) =>
      relative(base, resolve(base, dirname(file), path)).replace(/\.js$/, ".ts"),
    )
    .filter((path) => path.endsWith(".ts") && !path.startsWith("..") && !path.startsWith("gen"));
}

/** A crate's folders are its modules: the first name of a path is enough. */
function moduleOf(file: string): string {
  const [first = ""] = file.split("/");
  return first.replace(/\.rs$/, "");
}

/** Tests, which end a file, and comments may name anything. */
function modules(text: string): string[] {
  const [code = ""] = text.split("#[cfg(test)]");
  return [...code.replaceAll(/^\s*\/\/.*$/gm, "").matchAll(RUST)].map(([, name = ""]) => name);
}

function reachable(graph: Graph, start: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return seen;
}

/** The nodes that need themselves. */
function inCycles(graph: Graph): string[] {
  return [...graph.keys()].filter((node) => reachable(graph, node).has(node)).toSorted();
}

it.each(Object.entries(TREES))("%s has no cycle among its folders", (tree, debts) => {
  const graph = graphOf(tree);
  expect(graph.size).toBeGreaterThan(1);
  const arrows = [...graph.values()].reduce((sum, { size }) => sum + size, 0);
  expect(arrows).toBeGreaterThan(1);
  const isDebt = (node: string) =>
    debts.some((debt) => node === debt || node.startsWith(`${debt}/`));
  expect(inCycles(graph).filter((node) => !isDebt(node))).toEqual([]);
});

it("finds a cycle", () => {
  const graph: Graph = new Map();
  addArrows(graph, "a", ["b"]);
  addArrows(graph, "b", ["c"]);
  expect(inCycles(graph)).toEqual([]);
  addArrows(graph, "c", ["a", "d"]);
  expect(inCycles(graph)).toEqual(["a", "b", "c"]);
});
