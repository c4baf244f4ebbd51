// Runs every suite in turn with its counts; the last line is the sum. A suite that
// breaks before it can count is one failure.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWith } from "./setup/python-environment.mjs";
import { cargoEnvironment } from "./setup/rust.mjs";
import { ROOT } from "./sources.mjs";
import { NotRunError, run, StepError, step } from "./step.mjs";
import { rayAndSpark } from "./suites/ray-and-spark.mjs";
import { wheelSuites } from "./suites/wheel.mjs";
import { packed } from "./tarball.mjs";

const BIN = `${ROOT}node_modules/.bin/`;
const NODE_20 = `${ROOT}packages/conformance/node_modules/node20/bin/node`;
const NATIVE = ["--locked", "--profile", "native"];
const MEMORY = "packages/conformance/src/memory-run.ts";
const CONFORMANCE = "packages/conformance/dist/run.js";

const SUITES = {
  "format and lint: TypeScript, by biome": () =>
    passes(`${BIN}biome`, ["ci", "--error-on-warnings"]),
  "types, by tsc": () => passes(`${BIN}tsc`, ["-p", "tsconfig.json"]),
  "format: Rust, by rustfmt": () => passes("cargo", ["fmt", "--all", "--check"]),
  "lint: Rust, by clippy": () =>
    passes("cargo", [
      "clippy",
      ...NATIVE,
      "--all-targets",
      "--all-features",
      "--",
      "-D",
      "warnings",
    ]),
  "Rust tests, native": () => counts("cargo", ["test", ...NATIVE, "--workspace"], rustCounts),
  "the tarball's entries and types, by publint": async () =>
    passes(`${BIN}publint`, ["--strict", await packed()]),
  "the tarball's entries and types, by attw": async () =>
    passes(`${BIN}attw`, [await packed(), "--profile", "esm-only"]),
  "vectors are what the oracle writes": () =>
    passes("cargo", ["run", ...NATIVE, "-p", "harmony-oracle", "--", "check", "test-vectors"]),
  "vitest, on Node 24": vitest,
  "the command line's files, by their readers in Python": files,
  "conformance on Node 24": () => counts(`${BIN}node`, [CONFORMANCE], lastCounts),
  "conformance on Node 20": () => counts(NODE_20, [CONFORMANCE], lastCounts),
  "runtimes: the tarball, installed and run in each": () =>
    counts(`${BIN}node`, ["packages/runtimes/src/index.ts"], lastCounts),
  "memory of a process": () => counts(`${BIN}node`, ["--expose-gc", MEMORY], lastCounts),
  "differential against the oracle, a few seconds": () =>
    counts(`${BIN}node`, ["packages/conformance/src/differential.ts"], lastCounts),
  ...wheelSuites(counts, lastCounts, `${BIN}node`),
  "Ray and Spark, by pytest": rayAndSpark,
};

/** Runs a command that counts as one test. */
async function passes(command, args) {
  await run(command, args, { cwd: ROOT, env: cargoEnvironment() });
  return { passed: 1, failed: 0 };
}

/** Runs a command whose output contains the counts; shows the output if it fails. */
async function counts(command, args, count, env = {}) {
  const { code, output } = await run(command, args, {
    cwd: ROOT,
    env: { ...cargoEnvironment(), ...env },
    mayFail: true,
  });
  const counted = count(output);
  if (code !== 0) process.stdout.write(output);
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  return counted;
}

function rustCounts(output) {
  const lines = [...output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)];
  const sum = (group) => lines.reduce((total, line) => total + Number(line[group]), 0);
  return { passed: sum(1), failed: sum(2) };
}

function lastCounts(output) {
  const line = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return { passed: Number(line?.[1] ?? 0), failed: Number(line?.[2] ?? 0) };
}

async function vitest() {
  const report = `${ROOT}target/vitest.json`;
  mkdirSync(`${ROOT}target`, { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return counts(`${BIN}vitest`, ["run", ...reporters], () => {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    const skipped = numPendingTests + numTodoTests;
    if (skipped > 0) throw new StepError(`${skipped} tests are skipped`);
    return { passed: numPassedTests, failed: numFailedTests };
  });
}

/** Reads rendered files with the libraries of their users, and compares them with native upstream. */
async function files() {
  const tests = `${ROOT}packages/harmony-wasm-cli/test/python/`;
  const python = await pythonWith("files", `${tests}requirements.txt`, "half a minute");
  const folder = mkdtempSync(join(tmpdir(), "harmony-files-"));
  const harmony = `${BIN}node ${ROOT}packages/harmony-wasm-cli/dist/harmony.js`;
  const env = { TIKTOKEN_ENCODINGS_BASE: `${ROOT}crates/harmony-core/generated` };
  try {
    return await counts(python, [`${tests}files_test.py`, harmony, folder], lastCounts, env);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runSuite(name, suite) {
  try {
    return await step(name, async () => {
      const result = await suite();
      console.log(`  ${result.passed} passed, ${result.failed} failed`);
      return result;
    });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    explain(error);
    // CI can run everything. Elsewhere a suite that cannot run does not count.
    const isFailure = !(error instanceof NotRunError) || Boolean(process.env.CI);
    return { passed: 0, failed: isFailure ? 1 : 0 };
  }
}

function explain({ output, command, advice, message }) {
  const lines = [output, command, advice && `what to do: ${advice}`, message];
  console.log(lines.filter(Boolean).join("\n"));
}

const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0 };
for (const [name, suite] of Object.entries(SUITES)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const { passed, failed } = await runSuite(name, suite);
  total.passed += passed;
  total.failed += failed;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
