/**
 * What `harmony render` costs in each format: the tables of docs/scale.md.
 *
 *     node packages/bench/src/scale.ts conversations.jsonl --megabytes 300 --workers 1,2,4,8
 *
 * The input is repeated up to that size. Prints the peak memory of the process, which has all
 * workers, its processor time per terabyte of input, which a busy machine changes little, and
 * the size of the output.
 */

import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./paths.ts";

const PROGRAM = join(ROOT, "packages", "harmony-wasm-cli", "dist", "harmony.js");
const HOOK = new URL("measure/usage-at-exit.ts", import.meta.url).href;
const FORMATS = "parquet,arrow,arrows,jsonl,jsonl.zst,jsonl.gz,npy,bin";
const SECONDS_AN_HOUR = 3600;

interface Usage {
  peakBytes: number;
  cpuSeconds: number;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: "string", default: "300" },
    workers: { type: "string", default: "1,2,4,8" },
    formats: { type: "string", default: FORMATS },
    columns: { type: "string" },
  },
});
const [source = "conversations.jsonl"] = positionals;
const folder = mkdtempSync(join(tmpdir(), "harmony-scale-"));
const input = join(folder, "input.jsonl");

/** Writes the rows of the source again and again, up to the size. Returns the bytes. */
function writeInput(): number {
  const rows = readFileSync(source);
  const times = Math.max(1, Math.round((Number(values.megabytes) * 1e6) / rows.length));
  writeFileSync(input, "");
  for (let written = 0; written < times; written += 1) writeFileSync(input, rows, { flag: "a" });
  return rows.length * times;
}

/** Renders the input. Returns what the process used, and the bytes of all files that it wrote. */
function rendered(format: string, workers: string): Usage & { outputBytes: number } {
  const output = join(folder, "out");
  rmSync(output, { recursive: true, force: true });
  const columns = values.columns === undefined ? [] : ["--columns", values.columns];
  const args = ["render", input, "-o", join(output, `out.${format}`), "--workers", workers];
  mkdirSync(output);
  const env = { ...process.env, USAGE_FILE: join(folder, "usage") };
  execFileSync(process.execPath, ["--import", HOOK, PROGRAM, ...args, "--quiet", ...columns], {
    env,
    stdio: "ignore",
  });
  const sizes = readdirSync(output).map((name) => statSync(join(output, name)).size);
  const usage: Usage = JSON.parse(readFileSync(join(folder, "usage"), "utf8"));
  return { ...usage, outputBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

try {
  const bytes = writeInput();
  console.log("| format | workers | peak, MB | core-hours per TB | bytes out per byte in |");
  console.log("| ------ | ------- | -------- | ----------------- | --------------------- |");
  for (const format of values.formats.split(",")) {
    for (const workers of values.workers.split(",")) {
      const { peakBytes, cpuSeconds, outputBytes } = rendered(format, workers);
      const hours = (cpuSeconds / bytes) * (1e12 / SECONDS_AN_HOUR);
      const peak = (peakBytes / 1e6).toFixed(0);
      const ratio = (outputBytes / bytes).toFixed(2);
      console.log(`| ${format} | ${workers} | ${peak} | ${hours.toFixed(1)} | ${ratio} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
