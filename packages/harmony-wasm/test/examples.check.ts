/** What `// =>` means in an example: the value, ids and bytes as arrays. */

import { expect } from "vitest";

let count = 0;

export function check(found: unknown, expected: unknown): void {
  count += 1;
  expect(ArrayBuffer.isView(found) ? Array.from(found as Uint32Array) : found).toEqual(expected);
}

/** How many values have been checked. */
export const checks = (): number => count;
