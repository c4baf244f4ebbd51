/** Shared by several tests. */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { failureOf } from "harmony-conformance/loading/expect";
import { expect, onTestFinished } from "vitest";

export { expectToWork, failureOf, hostile } from "harmony-conformance/loading/expect";

/** The package as a module; there can be several copies. */
export type Package = typeof import("harmony-wasm");

/** The built package's folder. */
export const DIST = new URL("../dist/", import.meta.url);

let copies = 0;

/** A copy of an entry without an instance: each loader has its own, the classes are shared. */
export function freshCopy(entry = new URL("node.js", DIST)): Promise<Package> {
  copies += 1;
  return import(/* @vite-ignore */ `${entry}?fresh=${copies}`);
}

/** A copy of the built package, without the files that a bundler would drop. */
export function installedAgain(...missing: string[]): URL {
  const folder = mkdtempSync(join(tmpdir(), "harmony-wasm-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(fileURLToPath(DIST), folder, { recursive: true });
  for (const file of missing) rmSync(join(folder, file));
  return pathToFileURL(`${folder}/`);
}

/** What a call throws. */
export function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected a failure");
}

/** A call that throws, with the error's class and a part of its message. */
export type Refusal = readonly [
  what: string,
  call: () => unknown,
  error: "TypeError" | "RangeError",
  says: string,
];

/** Expects `call` to throw as a {@link Refusal} says. */
export async function expectRefusal(
  call: Refusal[1],
  error: Refusal[2],
  says: string,
): Promise<void> {
  const failure = await failureOf(call);
  expect(failure).toBeInstanceOf(error === "TypeError" ? TypeError : RangeError);
  expect(String(failure)).toContain(says);
}
