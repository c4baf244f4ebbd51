// Virtual environments of Python, one per list of pinned packages, kept in
// ~/.cache/harmony-wasm for the next run.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ask, run, step } from "../step.mjs";
import { aptInstall } from "./apt.mjs";

const HAS_VENV = ["-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 11)"];

/** Returns the Python of an environment with the packages of a list; creates the environment if it is missing. */
export async function pythonWith(name, requirements, duration) {
  const list = readFileSync(requirements, "utf8");
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const hash = createHash("sha256").update(list).digest("hex").slice(0, 16);
  const folder = join(cache, "harmony-wasm", `${name}-${hash}`);
  const python = join(folder, "bin", "python");
  const finished = join(folder, "finished"); // Written when all packages are there.
  if (existsSync(finished) && ask(python, ["--version"]) !== undefined) return python;
  await step(`Python's packages for the ${name}, by pip (${duration})`, async () => {
    const advice = "install Python 3.11 or later with venv (on Debian: python3-venv)";
    if (ask("python3", HAS_VENV) === undefined) {
      await aptInstall(["python3", "python3-venv"], "Python 3.11 or later with venv");
    }
    await run("python3", ["-m", "venv", "--clear", folder], { advice });
    const install = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
    await run(python, [...install, requirements], { advice: "check that pip reaches PyPI" });
    writeFileSync(finished, list);
  });
  return python;
}
