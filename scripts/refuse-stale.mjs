// Vitest's global setup: stops the run if a generated file is stale or was edited,
// or if dist/ is of other sources, because tests of such a build prove nothing.

import { buildInfo, bundledSources } from "./build/index.mjs";
import { bundledHash, fileHash, ROOT, sourceHash } from "./sources.mjs";

const WASM = `${ROOT}packages/harmony-wasm/dist/harmony.wasm`;

export default function refuseStale() {
  const built = buildInfo();
  const isStale = built?.source_sha256 !== sourceHash() || built.wasm_sha256 !== fileHash(WASM);
  if (isStale || bundledSources() !== bundledHash()) {
    throw new Error("the build is not of these sources: run `npm run build`");
  }
}
