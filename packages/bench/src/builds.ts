/**
 * Two builds of harmony-wasm beside each other, alternating in one process:
 *
 *     node packages/bench/src/builds.ts <dist before> <dist after>
 *
 * Prints how many times as fast the second one is, on new words and on the same
 * text again, and whether the ids are the same.
 */

import { join, resolve } from "node:path";
import { CORPUS_NAMES, makeCorpora } from "./corpora/corpora.ts";
import { median, seconds } from "./measure/timing.ts";
import { table } from "./report/table.ts";

interface Encoder {
  encodeOrdinary(text: string): Uint32Array;
}

const WARM_UPS = 3;
const WARM_PASSES = 8;
const builds = await Promise.all(process.argv.slice(2, 4).map(load));
const { texts } = makeCorpora();
const rows = CORPUS_NAMES.map((name) => {
  const { warmUp, measured } = texts[name];
  for (let pass = 0; pass < WARM_UPS; pass += 1) timesOf(warmUp);
  const cold = ratio([timesOf(measured)]);
  const warm = ratio(Array.from({ length: WARM_PASSES }, () => timesOf(measured)));
  return [name, cold, warm, isSame(measured) ? "yes" : "NO"];
});
console.log(table(["", "new words", "again", "same ids"], rows));

async function load(dist: string): Promise<Encoder> {
  const { loadHarmonyEncodingSync } = await import(join(resolve(dist), "node.js"));
  return loadHarmonyEncodingSync();
}

/** The seconds of each build. */
function timesOf(documents: string[]): number[] {
  return builds.map((build) =>
    seconds(() => {
      for (const text of documents) build.encodeOrdinary(text);
    }),
  );
}

function ratio(passes: number[][]): string {
  const [before = Number.NaN, after = Number.NaN] = builds.map((_, build) =>
    median(passes.map((times) => times[build] ?? Number.NaN)),
  );
  return (before / after).toFixed(2);
}

function isSame(documents: string[]): boolean {
  return documents.every((text) => {
    const [before, after] = builds.map((build) => build.encodeOrdinary(text).join());
    return before === after;
  });
}
