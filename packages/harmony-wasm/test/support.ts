/** What several test files need. */

import type { HarmonyEncoding } from "harmony-wasm";
import { expect } from "vitest";

/** The package as a module, of which there may be several copies. */
export type Package = typeof import("harmony-wasm");

/** The built package's folder. */
export const DIST = new URL("../dist/", import.meta.url);

let copies = 0;

/** A copy of the package with no instance yet: the loader keeps its own. */
export function freshCopy(entry = new URL("node.js", DIST)): Promise<Package> {
  copies += 1;
  return import(/* @vite-ignore */ `${entry}?fresh=${copies}`);
}

/** Passes what the compiler would refuse. */
export function hostile(value: unknown): never {
  return value as never;
}

/** What `call` throws, or rejects with; its result where it does neither. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

/** A good call on `encoding` gives the right ids. */
export function expectToWork(encoding: HarmonyEncoding): void {
  expect([...encoding.encode("hello world")]).toEqual([24912, 2375]);
}
