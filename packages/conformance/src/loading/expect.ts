/** Expectations without a test framework: they run in a page too. */

import type { HarmonyEncoding } from "harmony-wasm";
import { difference } from "../difference.ts";

/** Throws unless the condition holds. */
export function expectThat(what: string, condition: boolean): void {
  if (!condition) throw new Error(`expected: ${what}`);
}

/** Throws unless two plain values are the same. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  const reasons = difference(what, expected, found);
  if (reasons.length > 0) throw new Error(reasons.join("; "));
}

/** Throws unless `text` holds `part`. */
export function expectToContain(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`${JSON.stringify(text)} has no ${part}`);
}

/** A good call on `encoding` gives the right ids. */
export function expectToWork(encoding: HarmonyEncoding): void {
  expectSame("ids", [...encoding.encode("hello world")], [24912, 2375]);
}

/** The error that `call` throws or rejects with, or else its result. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

/** Passes a value of a type that the compiler would refuse. */
export function hostile(value: unknown): never {
  return value as never;
}
