/** No folder and no file needs its neighbour back: the imports of each source tree form a graph without cycles. */

import { expect, it } from "vitest";
import {
  addArrows,
  crateGraph,
  fileGraphOf,
  type Graph,
  graphOf,
  inCycles,
} from "./import-graph.ts";

/** The trees, with the folders that may still contain or join a cycle: each is a debt to pay off. */
const TREES: Record<string, readonly string[]> = {
  "packages/harmony-wasm/src": [],
  "packages/harmony-wasm-cli/src": [],
  "packages/conformance/src": [],
  "packages/runtimes/src": [],
  "crates/harmony-core/src": [],
};

it.each(Object.entries(TREES))("%s has no cycle among its folders", (tree, debts) => {
  const graph = tree.startsWith("crates/") ? crateGraph(tree) : graphOf(tree);
  expect(graph.size).toBeGreaterThan(1);
  const arrows = [...graph.values()].reduce((sum, { size }) => sum + size, 0);
  expect(arrows).toBeGreaterThan(1);
  const isDebt = (node: string) =>
    debts.some((debt) => node === debt || node.startsWith(`${debt}/`));
  expect(inCycles(graph).filter((node) => !isDebt(node))).toEqual([]);
});

/** Those of crates: rust-modules.test.ts. */
it.each(Object.keys(TREES).filter((tree) => tree.startsWith("packages/")))(
  "%s has no cycle among its files, those of types included",
  (tree) => {
    const graph = fileGraphOf(tree);
    expect(graph.size).toBeGreaterThan(10);
    expect(inCycles(graph)).toEqual([]);
  },
);

it("finds a cycle", () => {
  const graph: Graph = new Map();
  addArrows(graph, "a", ["b"]);
  addArrows(graph, "b", ["c"]);
  expect(inCycles(graph)).toEqual([]);
  addArrows(graph, "c", ["a", "d"]);
  expect(inCycles(graph)).toEqual(["a", "b", "c"]);
});
