/** Which columns a file has: the default ones, or those that the user names. */

import { UsageError } from "../exit.ts";
import { COLUMN_NAMES, type ColumnName, columnOf } from "./columns.ts";

/** The columns of rows that are one sample each. */
export const DEFAULT_COLUMNS: readonly ColumnName[] = [
  "input_ids",
  "labels",
  "loss_mask",
  "spans",
  "n_tokens",
  "source_row",
];

/** The columns of rows that are packs of samples. */
export const PACKED_COLUMNS: readonly ColumnName[] = [
  "input_ids",
  "labels",
  "loss_mask",
  "position_ids",
  "seq_start_id",
  "seq_lengths",
  "n_tokens",
  "source_rows",
];

/** Reads `--columns a,b,c`; the file has them in the order of {@link COLUMN_NAMES}. */
export function columnsNamed(text: string, isPacked: boolean): ColumnName[] {
  const wanted = new Set(text.split(",").map((name) => name.trim()));
  const known = COLUMN_NAMES.filter((name) => wanted.delete(name));
  if (wanted.size > 0) {
    const names = [...wanted].map((name) => JSON.stringify(name)).join(", ");
    throw new UsageError(
      `--columns: unknown column ${names}; the columns are ${COLUMN_NAMES.join(", ")}`,
    );
  }
  const other = isPacked ? "samples" : "packs";
  const missing = known.filter((name) => columnOf(name).in === other);
  if (missing.length === 0) return known;
  const only = isPacked ? "is for rows without --pack" : "needs --pack";
  throw new UsageError(`--columns: ${missing.join(", ")} ${only}`);
}
