/** Reports errors of harmony-wasm, and rows that it rejected, in one line. */

import { HarmonyError } from "harmony-wasm";
import { CommandError, EXIT } from "../exit.ts";
import { type Failure, failedRows, failureLines } from "../rows/failures.ts";
import { counted } from "../terminal/text-output.ts";

/** Runs the operation; an error that the input caused names its place, if there is one. */
export function reported<T>(operation: () => T, place?: string): T {
  try {
    return operation();
  } catch (error) {
    const isRefusal =
      error instanceof HarmonyError || error instanceof RangeError || error instanceof TypeError;
    if (!isRefusal) throw error;
    throw new CommandError(place === undefined ? error.message : `${place}: ${error.message}`);
  }
}

/** Ends a command that is done, but for some rows that could not be rendered. */
export function reportRejected(failures: readonly Failure[]): void {
  const rows = failedRows(failures);
  if (rows === 0) return;
  const lines = [`${counted(rows, "row")} could not be rendered`, ...failureLines(failures)];
  throw new CommandError(lines.join("\n"), EXIT.rowsRejected);
}
