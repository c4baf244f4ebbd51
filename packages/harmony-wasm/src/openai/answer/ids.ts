/** Random ids of answers, calls and items. */

import type { IdPrefix } from "../types.js";

/** A new id; 96 random bits. */
export function randomId(prefix: IdPrefix): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `${prefix}${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
