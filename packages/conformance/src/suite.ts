/**
 * The conformance suite: a function of the implementation and the vectors. It
 * needs no test framework and no runtime API, so it runs wherever the package
 * does.
 */

import { answer } from "./answer.ts";
import { difference } from "./difference.ts";
import type { Implementation } from "./implementation.ts";
import { streamFailures } from "./stream.ts";
import type { Vector } from "./vectors.ts";

/** A vector that failed, and why. */
export interface Failure {
  id: string;
  reasons: string[];
}

/** Runs every vector and returns the failures; an unexpected error is a failure. */
export function runSuite(implementation: Implementation, vectors: readonly Vector[]): Failure[] {
  const failures = vectors.map((vector) => ({
    id: vector.id,
    reasons: failuresOf(implementation, vector),
  }));
  return failures.filter(({ reasons }) => reasons.length > 0);
}

/** The reasons why one vector fails; empty if it passes. */
export function failuresOf(implementation: Implementation, vector: Vector): string[] {
  try {
    if (vector.call === "StreamableParser") return streamFailures(implementation, vector);
    const found = answer(implementation.encoding, vector);
    return difference("result", vector.expected, found);
  } catch (error) {
    return [`threw ${error}`];
  }
}
