/**
 * The native measurements are a crate of their own (`native/`), built when they
 * are first used. Without Rust a reason is printed and the run continues.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { BENCH } from "../paths.ts";

const FOLDER = join(BENCH, "native");

/** The program that measures a Rust peer, for `execFile`. */
export const NATIVE = join(FOLDER, "target", "release", "harmony-bench-native");

/** Undefined when the program is built, else the reason why it is not. */
export function prepareRust(): string | undefined {
  const args = ["build", "--release", "--locked", "--quiet"];
  try {
    execFileSync("cargo", args, { cwd: FOLDER, stdio: ["ignore", "inherit", "inherit"] });
  } catch (error) {
    return `Rust's peers were not run: ${error instanceof Error ? error.message : error}`;
  }
  return undefined;
}
