/**
 * The command line beside a Python script that uses native openai-harmony, on
 * the same rows and with as many processes as we have threads:
 *
 *     npm run bench:command-line -- 30 <a Python with openai-harmony and pyarrow>
 *
 * renders 30 MB of rows of each shape into each format, counts, measures and
 * verifies them, with one thread and with one per core. All commands take turns
 * for some rounds, and the medians are printed: a busy machine slows all of them.
 * A third argument is another build's harmony.js to run beside this one.
 */

import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { BENCH, CACHE, ROOT } from "../paths.ts";
import { renderingShares } from "./profile.ts";
import { type RowShape, rowLines } from "./rows.ts";
import { median, type Took, took } from "./took.ts";

const [megabytes = "30", PYTHON = "python3", RIVAL] = process.argv.slice(2);
const MEGABYTES = Number(megabytes);
const ROUNDS = 3;
const THREADS = availableParallelism();
const PROGRAM = join(ROOT, "packages", "harmony-wasm-cli", "dist", "harmony.js");
const SHAPES = ["chat", "harmony"] as const;
const FORMATS = ["parquet", "arrow", "jsonl"] as const;

const inputOf = (shape: RowShape) => join(CACHE, `rows-${shape}-${MEGABYTES}.jsonl`);
const outputOf = (shape: RowShape, format: string) => join(CACHE, `rendered-${shape}.${format}`);

/** Commands by their names, in the order in which they are printed. */
type Commands = Record<string, () => Took>;

function writeInputs(): void {
  mkdirSync(CACHE, { recursive: true });
  for (const shape of SHAPES) {
    if (existsSync(inputOf(shape))) continue;
    const file = openSync(inputOf(shape), "w");
    for (const line of rowLines(shape, MEGABYTES * 1e6)) writeSync(file, line);
    closeSync(file);
  }
}

/** The arguments of each command on rows of a shape. */
function argumentsOf(shape: RowShape): Record<string, string[]> {
  const input = [inputOf(shape), "--shape", shape, "--analysis", "drop-history"];
  const renders = FORMATS.map((format) => {
    const output = ["-o", outputOf(shape, format), "--overwrite", "--quiet"];
    return [`render to ${format}`, ["render", ...input, ...output]] as const;
  });
  return {
    ...Object.fromEntries(renders),
    count: ["count", ...input],
    stats: ["stats", "--json", ...input],
    verify: ["verify", outputOf(shape, "parquet")],
  };
}

function commandsFor(shape: RowShape): Commands {
  const commands: Commands = {};
  for (const [name, args] of Object.entries(argumentsOf(shape))) {
    for (const workers of new Set([1, THREADS])) {
      const flags = [...args, "--workers", String(workers)];
      commands[`${name}, ${workers} workers`] = () => took(process.execPath, [PROGRAM, ...flags]);
    }
    if (RIVAL)
      commands[`${name}, the other build`] = () => took(process.execPath, [RIVAL, ...args]);
  }
  const cold = argumentsOf(shape)["render to parquet"] ?? [];
  commands[`render to parquet, cold, ${THREADS} workers`] = () => {
    execFileSync(PYTHON, [join(BENCH, "python", "forget_file.py"), inputOf(shape)]);
    return took(process.execPath, [PROGRAM, ...cold]);
  };
  if (shape === "harmony") {
    const args = [inputOf(shape), join(CACHE, "native.parquet"), String(THREADS)];
    const script = join(BENCH, "python", "render_file.py");
    commands[`openai-harmony to parquet, ids only, ${THREADS} processes`] = () =>
      took(PYTHON, [script, ...args]);
  }
  return commands;
}

function print(name: string, { wall, cpu }: Took): void {
  const rates = `${(MEGABYTES / wall).toFixed(1)} MB/s, ${(MEGABYTES / cpu).toFixed(1)} MB per core-second`;
  console.log(`  ${name.padEnd(54)} ${rates}`);
}

function measure(shape: RowShape): void {
  const commands = Object.entries(commandsFor(shape)).map(([name, run]) => ({
    name,
    run,
    all: [] as Took[],
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { run, all } of commands) all.push(run());
  }
  console.log(`${shape} rows`);
  for (const { name, all } of commands) print(name, median(all));
}

writeInputs();
console.log(`${cpus()[0]?.model}, ${THREADS} cores, ${MEGABYTES} MB of each shape`);
for (const shape of SHAPES) {
  measure(shape);
  const { count = [], ...others } = argumentsOf(shape);
  const shares = renderingShares(PROGRAM, { count, ...others }, count);
  for (const [name, share] of shares) {
    console.log(`  rendering in ${name}: ${(100 * share).toFixed(0)}% of processor time`);
  }
}
