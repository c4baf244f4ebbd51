/**
 * Python's peers are installed into a virtual environment of this package, made
 * when it is missing. Without Python a reason is printed and the run continues.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BENCH } from "../paths.ts";
import { PYTHON_PACKAGES } from "./all.ts";

const FOLDER = join(BENCH, ".venv");

/** Python with the peers installed, for `execFile`. */
export const PYTHON = join(FOLDER, "bin", "python");

/** Undefined when Python's peers are installed, else the reason why they are not. */
export function preparePython(): string | undefined {
  const pinned = Object.values(PYTHON_PACKAGES).map((parts) => parts.join("=="));
  try {
    if (!existsSync(PYTHON)) run("python3", ["-m", "venv", FOLDER]);
    if (!isInstalled(pinned)) run(PYTHON, ["-m", "pip", "install", "--quiet", ...pinned]);
  } catch (error) {
    return `Python's peers were not run: ${error instanceof Error ? error.message : error}`;
  }
  return undefined;
}

function isInstalled(pinned: string[]): boolean {
  const installed = run(PYTHON, ["-m", "pip", "freeze", "--disable-pip-version-check"]).split("\n");
  return pinned.every((each) => installed.includes(each));
}

function run(command: string, args: string[]): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
