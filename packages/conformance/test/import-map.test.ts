/** No folder needs its neighbour back: the imports of each source tree form a graph without cycles. */

import { expect, it } from "vitest";
import { addArrows, crateGraph, type Graph, graphOf, inCycles } from "./import-graph.ts";

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

it("finds a cycle", () => {
  const graph: Graph = new Map();
  addArrows(graph, "a", ["b"]);
  addArrows(graph, "b", ["c"]);
  expect(inCycles(graph)).toEqual([]);
  addArrows(graph, "c", ["a", "d"]);
  expect(inCycles(graph)).toEqual(["a", "b", "c"]);
});
