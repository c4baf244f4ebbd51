/**
 * The modules of each crate form a graph without cycles, down to single files. An
 * import counts for the file that declares the name, not for one that re-exports
 * it: a module's roof may list what its files offer.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addArrows, crateFiles, type Graph, inCycles } from "./import-graph.ts";
import { ROOT } from "./source-files.ts";

/** A module's own code: tests, which end a file, and comments may name anything. */
function codeOf(path: string): string {
  const [code = ""] = readFileSync(path, "utf8").split(/#\[cfg\((?:all\()?test\b.*\]\n(?:mod|use)/);
  return code.replaceAll(/^\s*\/\/.*$/gm, "");
}

/** The paths that a `use` tree names: `a::{b, c::D}` is `a::b` and `a::c::D`. */
function pathsOf(tree: string): string[] {
  const [, head = "", rest = ""] = /^([^{]*)(?:\{(.*)\})?$/s.exec(tree.trim()) ?? [];
  if (rest === "") return [head.replace(/\s+as\s+\w+$/, "").trim()];
  return branchesOf(rest)
    .flatMap(pathsOf)
    .map((path) => `${head.trim()}${path}`);
}

/** The branches of a tree, cut at the commas that no brace surrounds. */
function branchesOf(text: string): string[] {
  const branches = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "{") depth += 1;
    if (character === "}") depth -= 1;
    if (character === "," && depth === 0) branches.push("");
    else branches[branches.length - 1] += character;
  }
  return branches.filter((branch) => branch.trim() !== "");
}

interface Module {
  readonly code: string;
  /** The names that it re-exports, each with the path it comes from. */
  readonly exported: ReadonlyMap<string, string>;
}

const USES = /(\bpub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g;

function moduleOf(path: string): Module {
  const code = codeOf(path).replaceAll(/\bpub\(in [\w:]+\)/g, "pub(crate)");
  const exported = [...code.matchAll(USES)]
    .filter(([, visibility]) => visibility !== undefined)
    .flatMap(([, , tree = ""]) => pathsOf(tree));
  return { code, exported: new Map(exported.map((from) => [from.split("::").at(-1) ?? "", from])) };
}

type Modules = ReadonlyMap<string, Module>;

/** The module that a path in `from` ends in, through re-exports; undefined outside the crate. */
function targetOf(modules: Modules, from: string, path: string): string | undefined {
  const [first = "", ...others] = path.split("::");
  const isRelative = first === "super" || first === "self";
  let at = first === "crate" || from === "" ? [] : from.split("/");
  if (first === "super") at.pop();
  const rest = first === "crate" || isRelative ? others : [first, ...others];
  const isKnown = (name: string) => modules.has([...at, name].join("/"));
  if (rest === others || isKnown(first)) {
    while (rest[0] === "super") {
      rest.shift();
      at = at.slice(0, -1);
    }
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const exported = modules.get(at.join("/"))?.exported.get(name);
      if (isKnown(name)) at = [...at, name];
      else if (exported === undefined) break;
      else return targetOf(modules, at.join("/"), [exported, ...rest].join("::"));
    }
    return at.join("/");
  }
  return undefined;
}

/** What each module imports, by its path: `recover/grammar/fields`. */
function modulesOf(crate: string): Graph {
  const tree = `crates/${crate}/src`;
  const files = crateFiles(tree);
  const nameOf = (file: string) => file.replace(/(?:\/?\bmod|^lib)?\.rs$/, "");
  const modules = new Map(files.map((file) => [nameOf(file), moduleOf(join(ROOT, tree, file))]));
  const graph: Graph = new Map();
  for (const [name, { code }] of modules) {
    const uses = [...code.matchAll(USES)].flatMap(([, , tree = ""]) => pathsOf(tree));
    const inline = [...code.replaceAll(USES, "").matchAll(/\b(?:crate|super)(?:::\w+)+/g)];
    const paths = [...uses, ...inline.map(([path]) => path)];
    addArrows(
      graph,
      name,
      paths.flatMap((path) => targetOf(modules, name, path) ?? []),
    );
  }
  return graph;
}

it.each(["harmony-core", "harmony-bindings"])("%s has no cycle among its modules", (crate) => {
  const graph = modulesOf(crate);
  expect(graph.size).toBeGreaterThan(4);
  expect([...graph.values()].reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(5);
  expect(inCycles(graph)).toEqual([]);
});

/** Recovery's modules from the ground up. A folder is one floor; its own files come in order. */
const FLOORS = [
  ["words", "recovered"],
  ["format", "unmarked"],
  ["decoder"],
  ["grammar/header_text", "between", "content", "strays"],
  ["grammar/fields"],
  ["grammar/undecided"],
  ["grammar/finished", "grammar/unfinished", "grammar/open_header"],
  ["grammar"],
  ["split"],
  ["spelled"],
  ["parser"],
  ["text"],
];

it("has no import upwards in recovery", () => {
  const floorOf = (name: string) => FLOORS.findIndex((floor) => floor.includes(name));
  const inside = [...modulesOf("harmony-core")].flatMap(([name, targets]) => {
    const [from, ...to] = [name, ...targets]
      .filter((module) => module.startsWith("recover/"))
      .map((module) => module.slice("recover/".length));
    return name.startsWith("recover/") ? [{ from: from ?? "", to }] : [];
  });
  expect(inside.map(({ from }) => from).toSorted()).toEqual(FLOORS.flat().toSorted());
  const upwards = inside.flatMap(({ from, to }) =>
    to.filter((target) => floorOf(target) >= floorOf(from)).map((target) => `${from} → ${target}`),
  );
  expect(upwards).toEqual([]);
});
