/** Rows that could not be rendered, by their reasons, for commands that write no file of them. */

import { reasonOf } from "./counts.ts";
import type { RowError } from "./row-error.ts";
import { shortened, type Tallying, tallied } from "./tally.ts";

/** The rows that failed for one reason, and the first of them. */
export interface Failure {
  reason: string;
  rows: number;
  /** The name of its file, or "-" for stdin. */
  file: string;
  row: number;
  message: string;
}

/** The first line of a message is enough to find the fault. */
const MOST_MESSAGE = 300;

const FAILURES: Tallying<Failure> = {
  nameOf: ({ reason }) => reason,
  added: (one, other) => ({ ...one, rows: one.rows + other.rows }),
  most: 50,
  others: (failure) => ({ ...failure, reason: "other reasons" }),
};

/** The failure of one row. */
export function failureOf(error: RowError, file: string, row: number): Failure {
  const [line = ""] = error.message.split("\n");
  const message = shortened(line, MOST_MESSAGE);
  return { reason: shortened(reasonOf(error)), rows: 1, file, row, message };
}

/** The failures by reason, in the order of the input. */
export function addedFailures(one: readonly Failure[], other: readonly Failure[]): Failure[] {
  return tallied([...one, ...other], FAILURES);
}

/** The number of rows that failed. */
export function failedRows(failures: readonly Failure[]): number {
  return failures.reduce((sum, { rows }) => sum + rows, 0);
}

/** A line for each reason, the most frequent first. */
export function failureLines(failures: readonly Failure[]): string[] {
  return failures
    .toSorted((one, other) => other.rows - one.rows)
    .map(({ reason, rows, file, row, message }) => {
      const place = file === "-" ? `row ${row}` : `${file}, row ${row}`;
      return `  ${rows} × ${reason}; first ${place}: ${message}`;
    });
}
