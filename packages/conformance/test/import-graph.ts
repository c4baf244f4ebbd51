/** Who imports whom, read from the source: the ground of import-map.test.ts and floors.test.ts. */

import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT, sourceFiles } from "./source-files.ts";

/** Each node with the nodes it imports. */
export type Graph = Map<string, Set<string>>;

/** Modules of tests, in a file or a folder. */
const TESTS = /(?:^|\/)tests(?:\/|\.rs)/;
const TYPESCRIPT = /(?:\bfrom\s+|\bimport\s*\(?\s*)["'](\.{1,2}\/[^"']*)["']/g;

/**
 * The imports of a source tree. A node is a folder; a file that lies beside
 * folders is a node of its own, so that a package's index may import every
 * folder and its errors none. Generated files count as one node.
 */
export function graphOf(tree: string): Graph {
  const files = filesOf(tree, /\.ts$/);
  const parents = new Set(files.map((file) => dirname(dirname(file))));
  const nodeOf = (file: string) => {
    if (file.startsWith("generated")) return "generated";
    return parents.has(dirname(file)) ? file : dirname(file);
  };
  const graph: Graph = new Map();
  for (const file of files) {
    addArrows(graph, nodeOf(file), importsOf(tree, file).map(nodeOf));
  }
  return graph;
}

/** The imports between the files of a source tree. */
export function fileGraphOf(tree: string): Graph {
  const graph: Graph = new Map();
  for (const file of filesOf(tree, /\.ts$/)) addArrows(graph, file, importsOf(tree, file));
  return graph;
}

/** The files of a tree, from its top. */
function filesOf(tree: string, name: RegExp): string[] {
  return sourceFiles(tree, name).map((file) => relative(tree, file));
}

/** The files of a crate's tree, from its top, without its tests. */
export function crateFiles(tree: string): string[] {
  return filesOf(tree, /\.rs$/).filter((file) => !TESTS.test(file));
}

/** The files of the tree that a file imports. */
function importsOf(tree: string, file: string): string[] {
  const base = join(ROOT, tree);
  const text = readFileSync(join(base, file), "utf8");
  return [...text.matchAll(TYPESCRIPT)]
    .map(([, path = ""]) => relative(base, resolve(base, dirname(file), path)))
    .map((path) => path.replace(/\.js$/, ".ts"))
    .filter((path) => path.endsWith(".ts") && !path.startsWith(".."));
}

/** The modules of a crate, each with the modules it uses. Names that lib.rs exports again are followed. */
export function crateGraph(tree: string): Graph {
  const exported = exportsOf(readFileSync(join(ROOT, tree, "lib.rs"), "utf8"));
  const graph: Graph = new Map();
  for (const file of crateFiles(tree)) {
    const [first = ""] = file.split("/");
    const text = readFileSync(join(ROOT, tree, file), "utf8");
    const used = namesAfter("crate", withoutTests(text)).map((name) => exported.get(name) ?? name);
    addArrows(graph, first.replace(/\.rs$/, ""), used);
  }
  graph.delete("lib");
  return graph;
}

/** Tests, which end a file, and comments may name anything. */
function withoutTests(text: string): string {
  const [code = ""] = text.split("#[cfg(test)]");
  return code.replaceAll(/^\s*\/\/.*$/gm, "");
}

/** The first names of `path::name` and of every branch of `path::{name, …}`. */
function namesAfter(path: string, code: string): string[] {
  const paths = code.matchAll(new RegExp(`\\b${path}::(?:(\\w+)|\\{)`, "g"));
  return [...paths].flatMap(({ 0: { length }, 1: name, index }) =>
    name === undefined ? branches(code.slice(index + length)) : [name],
  );
}

/** The first name of each branch, up to the brace that closes the list. */
function branches(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let isFirst = true;
  for (const [part] of list.matchAll(/[{},]|\w+/g)) {
    if (part === "}" && depth === 0) return names;
    if (part === "{") depth += 1;
    else if (part === "}") depth -= 1;
    else if (part !== "," && depth === 0 && isFirst) names.push(part);
    isFirst = part === ",";
  }
  return names;
}

/** The module of each name that a `use` of lib.rs exports again. */
function exportsOf(lib: string): Map<string, string> {
  const uses = lib.matchAll(/^pub(?:\(crate\))? use (\w+)::(?:.*::)?(?:\{([^}]*)\}|(\w+));/gm);
  const pairs = [...uses].flatMap(([, module = "", list, one = ""]) =>
    (list ?? one).split(",").map((name) => [name.trim(), module] as const),
  );
  const modules = new Map(pairs);
  const follow = (module: string): string => {
    const next = modules.get(module);
    return next === undefined ? module : follow(next);
  };
  return new Map(pairs.map(([name, module]) => [name, follow(module)]));
}

/** Adds the imports of one node; an import of the node itself does not count. */
export function addArrows(graph: Graph, from: string, targets: readonly string[]): void {
  const arrows = graph.get(from) ?? new Set();
  for (const target of targets) if (target !== from) arrows.add(target);
  graph.set(from, arrows);
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
export function inCycles(graph: Graph): string[] {
  return [...graph.keys()].filter((node) => reachable(graph, node).has(node)).toSorted();
}
