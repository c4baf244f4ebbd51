/**
 * The command line beside a Python script that uses native openai-harmony, on
 * the same file and with as many processes as we have threads:
 *
 *     npm run bench:command-line -- 20000
 *
 * Prints how many conversations a second each renders from start to end, the
 * share of rendering in our processor time, and the gain from a second thread.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { randomFrom } from "../corpora/random.ts";
import { makeStreams } from "../measure/streams.ts";
import { BENCH, CACHE, ROOT, VOCABULARY_FOLDER } from "../paths.ts";

const ROWS = Number(process.argv[2] ?? 20_000);
const PYTHON = process.argv[3] ?? "python3";
const PROGRAM = join(ROOT, "packages", "harmony-wasm-cli", "dist", "harmony.js");
const INPUT = join(CACHE, "conversations.jsonl");
const OUTPUT = join(CACHE, "rendered.parquet");
const ROUNDS = 3;
const WORDS = 20;

/** Seconds of the clock and of the processor that a command takes, its children's included. */
interface Took {
  wall: number;
  cpu: number;
}

/** Conversations of ten messages, each with words of its own. */
function writeInput(): void {
  const random = randomFrom(7);
  const readme = readFileSync(join(ROOT, "README.md"), "utf8").split(/\s+/);
  const { conversation } = makeStreams([readme.join(" ").repeat(8)]);
  const some = () =>
    Array.from({ length: random(WORDS) }, () => readme[random(readme.length)]).join(" ");
  const lines = Array.from({ length: ROWS }, () => {
    const messages = conversation.messages.map((message) => {
      const { content } = message;
      const isText = typeof content === "string" && !content.startsWith("{");
      return isText ? { ...message, content: `${content} ${some()}` } : message;
    });
    return JSON.stringify({ messages });
  });
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(INPUT, `${lines.join("\n")}\n`);
}

function took(command: string, args: readonly string[]): Took {
  const program = "/usr/bin/env";
  const script =
    'start=$(date +%s%N); "$@"; code=$?; end=$(date +%s%N); times; echo $((end - start)); exit $code';
  const env = { ...process.env, TIKTOKEN_ENCODINGS_BASE: VOCABULARY_FOLDER };
  const said = execFileSync(program, ["bash", "-c", script, "bash", command, ...args], {
    env,
    encoding: "utf8",
  });
  const lines = said.trim().split("\n");
  const wall = Number(lines.at(-1)) / 1e9;
  const cpu = Array.from((lines.at(-2) ?? "").matchAll(/(\d+)m([\d.]+)s/g)).reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
  return { wall, cpu };
}

function ours(workers: number): Took {
  return took(process.execPath, [
    PROGRAM,
    "render",
    INPUT,
    "-o",
    OUTPUT,
    "--overwrite",
    "--quiet",
    "--workers",
    String(workers),
  ]);
}

function theirs(processes: number): Took {
  return took(PYTHON, [join(BENCH, "python", "render_file.py"), INPUT, OUTPUT, String(processes)]);
}

/** The best of some rounds: the machine may be busy. */
function best(run: () => Took): Took {
  const rounds = Array.from({ length: ROUNDS }, run);
  return {
    wall: Math.min(...rounds.map(({ wall }) => wall)),
    cpu: Math.min(...rounds.map(({ cpu }) => cpu)),
  };
}

/** Processor seconds of rendering alone, warm, in this thread. */
function renderingAlone(): number {
  const encoding = loadHarmonyEncodingSync();
  const lines = readFileSync(INPUT, "utf8").trimEnd().split("\n");
  const pass = () => {
    const before = process.cpuUsage();
    for (const line of lines) encoding.renderWithSpans(line, { for: "training" });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  return Math.min(pass(), pass(), pass());
}

function printRate(name: string, { wall, cpu }: Took): void {
  const rate = Math.round(ROWS / wall);
  console.log(
    `${name.padEnd(36)} ${rate} conversations/s, ${((cpu / ROWS) * 1e6).toFixed(0)} µs of processor each`,
  );
}

const threads = availableParallelism();
writeInput();
console.log(`${cpus()[0]?.model}, ${threads} cores, ${ROWS} conversations`);
const [one, all] = [best(() => ours(1)), best(() => ours(threads))];
const python = best(() => theirs(threads));
printRate("harmony render, 1 worker", one);
printRate(`harmony render, ${threads} workers`, all);
printRate(`openai-harmony, ${threads} processes`, python);
const rendering = renderingAlone();
console.log(
  `ratio, from start to end: ${(python.wall / all.wall).toFixed(1)} (processor time: ${(python.cpu / all.cpu).toFixed(1)})`,
);
console.log(
  `rendering's share of our processor time: ${((100 * rendering) / one.cpu).toFixed(0)}%`,
);
console.log(`${threads} workers beside 1: ${(one.wall / all.wall).toFixed(2)} times as fast`);
rmSync(OUTPUT, { force: true });
