// The size budget: how much each entry occupies (raw) or downloads (gzip, brotli).
// The build fails if a file is larger; raising a limit is a decision.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { StepError } from "../step.mjs";

/** In bytes. */
const TRAIN = { raw: 26_000, gzip: 7_500, brotli: 7_500 };
// The check of answers against their schema, without eval for edge runtimes, took 55 kB.
// Rows in more shapes, with type names of other languages, took 8 kB; the checks of all options and
// arguments 20 kB here, and 7 kB in ai-sdk; those of a backend's chunks 2 kB, and of ranges and origins
// 3 kB here. Media in results, the cache's share, and a generate of another type took 1 kB
// in ai-sdk, texts that alternate 3 kB, parts that break off and a busy engine's wait 0.3 kB.
// Listed items in the API's shape, cut headers and the requests of foreign pages took 2 kB here,
// tools that many rows share 1 kB, errors that show the value 1 kB, HEAD and the wait 1 kB.
const OPENAI = { raw: 341_500, gzip: 85_800, brotli: 84_500 };
const AI_SDK = { raw: 52_500, gzip: 14_500, brotli: 14_400 };
// Other scripts in windows took 1 kB of gzip; the best brotli stays under 900 KiB.
// Plain chat rows and proofs of rows took 10 kB of gzip, and errors without backtraces gave it back.
const WASM = { raw: 1_560_000, gzip: 1_001_000, brotli: 975_000 };
// fitConversation, tokenTexts and their like took 4 kB, writing objects as bytes another 5,
// the refusal of other APIs' fields 4, chat rows and proofs of rows in one call 3, thoughts that
// budgets and open turns keep 2, errors that say what is known, where, and what to write 2,
// text as UTF-16 and streams that free their parsers early 1, what a failed load
// says of an old runtime, a long URL and a forbidden fetch 1.
const SCRIPT = { raw: 136_500, gzip: 31_200, brotli: 30_300 };
const TEXT = { raw: 2_080_000, gzip: 1_140_000, brotli: 1_105_000 };
const BUDGET = {
  train: { "train.js": TRAIN },
  openai: { "openai.js": OPENAI },
  "ai-sdk": { "ai-sdk.js": AI_SDK },
  slim: { "slim.js + shared.js": SCRIPT },
  node: { "node.js + shared.js": SCRIPT, "harmony.wasm": WASM },
  browser: { "browser.js + shared.js": SCRIPT, "harmony.wasm": WASM },
  workerd: { "workerd.js + shared.js": SCRIPT, "harmony.wasm": WASM },
  "edge-light": { "edge-light.js + shared.js": SCRIPT, "harmony.wasm": WASM },
  inline: { "inline.js + shared.js": SCRIPT, "harmony-wasm-base64.js": TEXT },
};

/** Throws when a file of the built package is larger than its budget. */
export function checkSizes(dist) {
  const sizes = new Map();
  for (const [entry, parts] of Object.entries(BUDGET)) {
    for (const [files, limits] of Object.entries(parts)) {
      if (!sizes.has(files)) sizes.set(files, sizesOf(dist, files.split(" + ")));
      for (const [kind, limit] of Object.entries(limits)) {
        refuse(`${files} of the entry ${entry}`, kind, sizes.get(files)[kind], limit);
      }
    }
  }
}

/** Brotli at the quality that servers use on the fly; the best quality takes seconds and saves 4%. */
function sizesOf(dist, files) {
  const contents = files.map((file) => readFileSync(dist + file));
  const sum = (size) => contents.reduce((total, content) => total + size(content), 0);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 22 };
  return {
    raw: sum((content) => content.length),
    gzip: sum((content) => gzipSync(content, { level: 9 }).length),
    brotli: sum((content) => brotliCompressSync(content, { params }).length),
  };
}

function refuse(what, kind, size, limit) {
  if (size <= limit) return;
  throw new StepError(`${what} takes ${size} bytes ${kind}, and its budget is ${limit}`, {
    advice: "make it smaller, or raise the budget in scripts/build/sizes.mjs and say why",
  });
}
