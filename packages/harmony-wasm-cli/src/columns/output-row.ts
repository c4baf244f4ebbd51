/** What becomes one row of a rendered data set: a sample, or several packed. */

import type { MessageSpan } from "../rendering/span.ts";

/** One row, with everything that a column may show. */
export interface OutputRow {
  tokens: Uint32Array;
  lossMask: Uint8Array;
  spans: readonly MessageSpan[];
  /** The number of the input's row, from 0; -1 for rows packed from several. */
  sourceRow: number;
  /** Where each packed sample begins; without it, the row is one sample. */
  starts?: readonly number[] | Uint32Array;
}
