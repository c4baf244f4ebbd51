/**
 * Data flows one way: the folders of a tree lie on floors, and an import only
 * points down. A folder without a floor fails too, so that its author
 * decides where it lies.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addArrows, crateGraph, type Graph, graphOf } from "./import-graph.ts";
import { ROOT, sourceFiles } from "./source-files.ts";

/** From the ground up. */
type Floors = readonly (readonly string[])[];

const FACADE: Floors = [
  ["generated", "types.ts", "text-chunks.ts", "utf16.ts", "inspected.ts", "base64.ts"],
  ["errors.ts", "events.ts"],
  ["check", "instance.ts"],
  ["spans.ts", "messages.ts", "wasm.ts"],
  ["rows.ts"],
  ["encoding.ts"],
  ["parsers", "budget.ts", "conversations.ts", "token-texts.ts", "load.ts", "train"],
  ["index.ts"],
  ["entry", "harmony.wasm.d.ts"],
  ["openai"],
  ["ai-sdk"],
];

const COMMAND_LINE: Floors = [
  ["exit.ts", "provenance.ts"],
  ["rows", "files"],
  ["terminal", "arrow", "serve", "storage", "report", "selection"],
  ["columns", "remote"],
  ["formats"],
  ["sinks", "input"],
  ["shards", "shuffle", "workers"],
  ["render"],
  ["check", "arrow-stdio", "options"],
  ["commands"],
  ["program.ts"],
  ["harmony.ts"],
];

const CORE: Floors = [
  ["codes", "tokenizer", "utf16"],
  ["error", "upstream"],
  ["json", "registry", "text", "events"],
  ["strict", "recover"],
  ["render", "event_parser"],
];

const CRATES: Floors = [["harmony-core"], ["harmony-bindings", "harmony-oracle"]];

const PACKAGES: Floors = [
  ["harmony-wasm"],
  ["harmony-scripts"],
  ["harmony-bench", "harmony-wasm-cli"],
  ["harmony-conformance"],
  ["harmony-runtimes"],
];

/** The imports that do not point down, and the nodes without a floor. */
function faults(graph: Graph, floors: Floors): string[] {
  const floorOf = (node: string) => floors.findIndex((floor) => floor.includes(node));
  const homeless = [...graph.keys()].filter((node) => floorOf(node) === -1);
  const arrows = [...graph].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })));
  return [
    ...homeless.map((node) => `${node} has no floor`),
    ...arrows
      .filter(({ from, to }) => floorOf(to) >= floorOf(from))
      .map(({ from, to }) => `${from} imports ${to}`),
  ];
}

/** A graph of the folders at the top of a tree. */
function topOf(graph: Graph): Graph {
  const top: Graph = new Map();
  const first = (node: string) => node.split("/")[0] ?? node;
  for (const [from, targets] of graph) addArrows(top, first(from), [...targets].map(first));
  return top;
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Who imports whom by name, over the sources of all packages. */
function packageGraph(): Graph {
  const graph: Graph = new Map();
  for (const folder of [...foldersIn("packages").map((name) => `packages/${name}`), "scripts"]) {
    const manifest = sourcesOf(folder, /^package\.json$/)[0];
    if (manifest === undefined) continue; // The Python package.
    const { name }: { name: string } = JSON.parse(manifest);
    const source = folder === "scripts" ? folder : `${folder}/src`;
    const texts = sourcesOf(source, /\.(?:ts|mjs)$/);
    const imported = texts.flatMap((text) => [...text.matchAll(BY_NAME)].map(([, to = ""]) => to));
    addArrows(graph, name, imported);
  }
  return graph;
}

const BY_NAME = /(?:\bfrom\s+|\bimport\s*\(?\s*)["'](harmony-[a-z-]+)/g;

function sourcesOf(folder: string, name: RegExp): string[] {
  return sourceFiles(folder, name).map((file) => readFileSync(join(ROOT, file), "utf8"));
}

/** The crates of the workspace, with the ones that their manifests name. */
function workspaceGraph(): Graph {
  const graph: Graph = new Map();
  for (const name of foldersIn("crates")) {
    const manifest = readFileSync(join(ROOT, "crates", name, "Cargo.toml"), "utf8");
    const named = manifest.matchAll(/^(harmony-[a-z]+)\b/gm);
    addArrows(
      graph,
      name,
      [...named].map(([, to = ""]) => to),
    );
  }
  return graph;
}

it.each([
  ["packages/harmony-wasm/src", topOf(graphOf("packages/harmony-wasm/src")), FACADE],
  ["packages/harmony-wasm-cli/src", graphOf("packages/harmony-wasm-cli/src"), COMMAND_LINE],
  ["crates/harmony-core/src", crateGraph("crates/harmony-core/src"), CORE],
  ["crates", workspaceGraph(), CRATES],
  ["packages", packageGraph(), PACKAGES],
] as const)("every import in %s points down", (_, graph, floors) => {
  const arrows = [...graph.values()].reduce((sum, { size }) => sum + size, 0);
  expect(arrows).toBeGreaterThan(0);
  expect(faults(graph, floors)).toEqual([]);
});

/** The names in the first column of the tables of a page. */
function namesIn(page: string): string[] {
  const rows = readFileSync(join(ROOT, page), "utf8").matchAll(/^\| (`[^|]*)\|/gm);
  const names = [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)]);
  return names.map(([, name = ""]) => name).sort();
}

it.each([
  ["packages/harmony-wasm/src/README.md", FACADE.flat()],
  ["packages/harmony-wasm-cli/src/README.md", COMMAND_LINE.flat()],
  ["crates/README.md", [...CORE.flat(), ...CRATES.flat()]],
  ["packages/README.md", foldersIn("packages")],
])("%s has each of them", (page, names) => {
  expect(namesIn(page)).toEqual(names.toSorted());
});

it("finds an import that points up, one that stays on its floor, and a folder without a floor", () => {
  const graph: Graph = new Map();
  addArrows(graph, "roof", ["wall", "ground"]);
  addArrows(graph, "wall", ["ground"]);
  const floors = [["ground"], ["wall", "window"], ["roof"]];
  expect(faults(graph, floors)).toEqual([]);
  addArrows(graph, "wall", ["roof", "window"]);
  addArrows(graph, "shed", ["ground"]);
  expect(faults(graph, floors)).toEqual([
    "shed has no floor",
    "wall imports roof",
    "wall imports window",
    "shed imports ground",
  ]);
});
