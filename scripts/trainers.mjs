// `npm run trainers`: has trainers and their data loaders read rendered files, and writes
// what they read, and TRL's losses, to test-vectors/training/trainers.json. Their packages
// take 6 GB, so `npm test` compares that file with the command line instead.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWith } from "./setup/python-environment.mjs";
import { ROOT } from "./sources.mjs";
import { main, run, step } from "./step.mjs";

const TRAINERS = `${ROOT}packages/harmony-wasm-cli/test/python/trainers/`;
const CONVERSATIONS = `${ROOT}test-vectors/training/conversations.json`;
const ANSWERS = `${ROOT}test-vectors/training/trainers.json`;
const HARMONY = [
  `${ROOT}node_modules/.bin/node`,
  `${ROOT}packages/harmony-wasm-cli/dist/harmony.js`,
];
/** Logits of the whole vocabulary take a gigabyte, which is slow to get from the system each time. */
const KEEP_MEMORY = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "100000000000" };

/** Lists of ids on one line each, so that a diff is readable. */
function written(answers) {
  const lines = JSON.stringify({ written_by: "npm run trainers", ...answers }, undefined, 1);
  const numbers = /\[\s+(-?\d[\d\s,.e-]*?)\s+\]/g;
  return `${lines.replace(numbers, (_, list) => `[${list.replaceAll(/\s+/g, " ")}]`)}\n`;
}

await main(async () => {
  const python = await pythonWith("trainers", `${TRAINERS}requirements.txt`, "ten minutes, 6 GB");
  const folder = mkdtempSync(join(tmpdir(), "harmony-trainers-"));
  try {
    await step("what trainers read", async () => {
      const program = ["-W", "ignore", `${TRAINERS}main.py`, CONVERSATIONS, folder];
      await run(python, [...program, ...HARMONY], { env: KEEP_MEMORY });
      const answers = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8"));
      writeFileSync(ANSWERS, written(answers));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
