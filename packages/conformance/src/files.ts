/** Reads the vectors from disk. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { type Vector, vectorsOf } from "./vectors.ts";

/** Every vector; a file without its counterpart or with a stale hash is an error. */
export function readVectors(folder: URL): Vector[] {
  const inputs = jsonFiles(new URL("inputs/", folder));
  const expected = jsonFiles(new URL("expected/", folder));
  if (inputs.join() !== expected.join())
    throw new Error("inputs and expected are not the same files");
  return inputs.flatMap((file) => {
    const text = readFileSync(new URL(`inputs/${file}`, folder), "utf8");
    const expectedText = readFileSync(new URL(`expected/${file}`, folder), "utf8");
    const hash = createHash("sha256").update(text).digest("hex");
    if (JSON.parse(expectedText).inputs_sha256 !== hash) {
      throw new Error(`expected/${file} is stale; run \`npm run vectors\``);
    }
    return vectorsOf(file.replace(".json", ""), text, expectedText);
  });
}

function jsonFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort();
}
