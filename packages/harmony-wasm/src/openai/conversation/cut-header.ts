/** Where a completion ends within a header. */

import type { RecoveredMessage } from "../../index.js";

/**
 * Whether a message is a header that was cut off. It says neither what follows nor to whom, so it is
 * no part of an answer: an empty answer would drop the thought before it, and a call would have half
 * a name.
 */
export function isCutHeader({ message, terminator, repairs }: RecoveredMessage): boolean {
  if (message.content !== "" || terminator !== undefined) return false;
  return repairs.some(({ code }) => code === "unfinished_header");
}
