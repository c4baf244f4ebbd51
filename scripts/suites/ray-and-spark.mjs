// packages/harmony-wasm-ray: ruff, then pytest on the installed wheel, with Ray
// and Spark on clusters of this machine. Nothing is reached over a network.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setUpJava } from "../setup/java.mjs";
import { pythonWith } from "../setup/python-environment.mjs";
import { ROOT } from "../sources.mjs";
import { NotRunError, run, StepError } from "../step.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm-ray`;
const SITE = `${ROOT}target/harmony-wasm-ray`;
const REPORT = `${ROOT}target/pytest.xml`;

/** Runs the checks; where Python's packages cannot be had, says why. */
export async function rayAndSpark() {
  const { python, env } = await setUp();
  const ruff = `${dirname(python)}/ruff`;
  await run(ruff, ["format", "--check", "."], {
    cwd: PACKAGE,
    advice: `in ${PACKAGE}: ${ruff} format .`,
  });
  await run(ruff, ["check", "."], { cwd: PACKAGE, advice: `in ${PACKAGE}: ${ruff} check --fix .` });
  await installWheel(python);
  const { passed, failed } = await pytest(python, { ...env, ...environment() });
  return { passed: passed + 2, failed };
}

/** 1.4 GB. Where they cannot be had, nothing is wrong with what would be tested. */
async function setUp() {
  try {
    const requirements = `${PACKAGE}/requirements.txt`;
    const python = await pythonWith("ray-and-spark", requirements, "one to three minutes");
    return { python, env: await setUpJava(python) };
  } catch (error) {
    throw error instanceof StepError ? new NotRunError(error) : error;
  }
}

/** Builds the wheel and unpacks it where only PYTHONPATH looks. */
async function installWheel(python) {
  rmSync(SITE, { recursive: true, force: true });
  const install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--target", SITE];
  await run(python, ["-m", "pip", ...install, PACKAGE]);
}

/** Workers find the wheel where this process does; tests/conftest.py sees to the rest. */
function environment() {
  return {
    PYTHONPATH: SITE,
    PYTHONDONTWRITEBYTECODE: "1",
    TIKTOKEN_ENCODINGS_BASE: `${ROOT}crates/harmony-core/generated`,
  };
}

async function pytest(python, env) {
  mkdirSync(`${ROOT}target`, { recursive: true });
  rmSync(REPORT, { force: true });
  const { code, output } = await run(python, ["-m", "pytest", `--junit-xml=${REPORT}`], {
    cwd: PACKAGE,
    env,
    mayFail: true,
  });
  if (code !== 0) process.stdout.write(output);
  const suite = /<testsuite [^>]*>/.exec(readFileSync(REPORT, "utf8"))?.[0] ?? "";
  const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1]);
  if (count("skipped") > 0) throw new StepError(`${count("skipped")} tests are skipped`);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed, failed: code !== 0 ? Math.max(failed, 1) : failed };
}
