/**
 * The conformance suite: a function of the implementation and the vectors. It
 * needs no test framework and nothing of a runtime, so that the same
 * definition runs wherever the package does.
 */

import type { HarmonyEncoding, StreamableParser } from "harmony-wasm";
import { answer } from "./answer.ts";
import { streamFailures } from "./stream.ts";
import type { Vector } from "./vectors.ts";

/** What is under test. */
export interface Implementation {
  encoding: HarmonyEncoding;
  StreamableParser: typeof StreamableParser;
}

/** Why a vector failed; no failures, no entry. */
export interface Failure {
  id: string;
  reasons: string[];
}

/** Runs every vector; a case that throws where it should not has failed. */
export function runSuite(implementation: Implementation, vectors: readonly Vector[]): Failure[] {
  const failures = vectors.map((vector) => ({
    id: vector.id,
    reasons: failuresOf(implementation, vector),
  }));
  return failures.filter(({ reasons }) => reasons.length > 0);
}

/** The reasons for which one vector fails. */
export function failuresOf(implementation: Implementation, vector: Vector): string[] {
  try {
    if (vector.call === "StreamableParser") return streamFailures(implementation, vector);
    const found = answer(implementation.encoding, vector);
    return difference("result", vector.expected, found);
  } catch (error) {
    return [`threw ${error}`];
  }
}

/** Empty, or one line that shows where two plain values part. */
export function difference(what: string, expected: unknown, found: unknown): string[] {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)];
  if (wanted === got) return [];
  let at = 0;
  while (wanted?.[at] === got?.[at]) at += 1;
  const excerpt = (text: string | undefined) => text?.slice(Math.max(0, at - 40), at + 60);
  return [`${what}: expected …${excerpt(wanted)}… but found …${excerpt(got)}…`];
}
