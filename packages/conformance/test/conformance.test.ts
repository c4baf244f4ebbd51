/** One test per vector. VECTOR=substring selects some. */

import { loadHarmonyEncodingSync, StreamableParser } from "harmony-wasm";
import { expect, it } from "vitest";
import { readVectors } from "../src/files.ts";
import { failuresOf } from "../src/suite.ts";

const vectors = readVectors(new URL("../../../test-vectors/", import.meta.url));
const wanted = vectors.filter(({ id }) => id.includes(process.env.VECTOR ?? ""));
const implementation = { encoding: loadHarmonyEncodingSync(), StreamableParser };

it.each(wanted.map((vector) => [vector.id, vector] as const))("%s", (_, vector) => {
  expect(failuresOf(implementation, vector)).toEqual([]);
});
