// The packages on PyPI as oracles: openai-harmony 0.0.8, which everything here
// must equal, and oss-harmony, whose differences are listed.

import { pythonWith } from "../setup/python-environment.mjs";
import { ROOT } from "../sources.mjs";

const CONFORMANCE = `${ROOT}packages/conformance/`;
const PYTHON = `${CONFORMANCE}python/`;
const VECTORS = `${ROOT}test-vectors`;
const env = { TIKTOKEN_ENCODINGS_BASE: `${ROOT}crates/harmony-core/generated` };

/** The suites by name; `counts` runs a command whose last line counts. */
export function wheelSuites(counts, lastCounts, node) {
  const python =
    (name, program, ...args) =>
    async () =>
      counts(await environment(name), [`${PYTHON}${program}`, ...args], lastCounts, env);
  const differential = [`${CONFORMANCE}src/differential.ts`, "--against", "wheel"];
  return {
    "pins: Cargo.lock has the versions inside the wheel": python(
      "wheel",
      "pins.py",
      `${ROOT}Cargo.lock`,
      `${PYTHON}pins.json`,
    ),
    "vectors against the published wheel": python("wheel", "replay.py", VECTORS, "python_layer"),
    "vectors against the fork, oss-harmony": python("fork", "replay.py", VECTORS, "fork"),
    "differential against the published wheel, a few seconds": () =>
      counts(node, differential, lastCounts),
  };
}

/** The Python with openai-harmony ("wheel") or oss-harmony ("fork"). */
function environment(name) {
  return pythonWith(`${name}-oracle`, `${PYTHON}${name}.txt`, "half a minute");
}
