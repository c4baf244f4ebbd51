/**
 * The conformance suite: a function of the implementation and the vectors. It
 * needs no test framework and nothing of a runtime, so that the same
 * definition runs wherever the package does.
 */

import { answer } from "./answer.ts";
import { difference } from "./difference.ts";
import type { Implementation } from "./implementation.ts";
import { streamFailures } from "./stream.ts";
import type { Vector } from "./vectors.ts";

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
