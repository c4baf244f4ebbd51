/**
 * Bundled with the vectors into each project as `suite.mjs`: all vectors of
 * the conformance suite, for whatever the project imported as "harmony-wasm".
 */

import { runSuite } from "harmony-conformance/suite";
import { vectorsOf } from "harmony-conformance/vectors";
import rawVectors from "raw-vectors";
import type { Report } from "./report.ts";

type Package = Pick<typeof import("harmony-wasm"), "loadHarmonyEncoding" | "StreamableParser">;

/** Loads the encoding and runs the suite on it; `load` where that is not the default. */
export async function report(
  { StreamableParser, loadHarmonyEncoding }: Package,
  load = () => loadHarmonyEncoding(),
): Promise<Report> {
  const started = performance.now();
  const encoding = await load();
  encoding.encode("hello world");
  const firstIdsMs = performance.now() - started;
  const vectors = rawVectors.flatMap(([file, inputs, expected]) =>
    vectorsOf(file, inputs, expected),
  );
  const failures = runSuite({ encoding, StreamableParser }, vectors);
  return { passed: vectors.length - failures.length, failures, firstIdsMs };
}
