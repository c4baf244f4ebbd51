/** Compares the value before `// =>` in an example; ids and bytes as arrays. */

import { expect } from "vitest";

let count = 0;

export function check(found: unknown, expected: unknown): void {
  count += 1;
  expect(ArrayBuffer.isView(found) ? Array.from(found as Uint32Array) : found).toEqual(expected);
}

/** The number of checked values. */
export const checks = (): number => count;
