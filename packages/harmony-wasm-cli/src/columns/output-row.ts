/** What becomes one row of a rendered data set: a sample, or several packed. */

import type { MessageSpan, PackedSample } from "harmony-wasm/train";

/** What a pack has that a sample has not. */
export interface PackedFields extends Omit<PackedSample, "samples" | "input_ids" | "loss_mask"> {
  /** The input's row of each sample, in the order in which they stand. */
  sourceRows: readonly number[];
  /** How many ids there are before the padding. */
  filled: number;
}

/** One row, with everything that a column may show. */
export interface OutputRow {
  tokens: Uint32Array;
  lossMask: Uint8Array;
  spans: readonly MessageSpan[];
  /** The number of the input's row, from 0; of a pack, that of its first sample. */
  sourceRow: number;
  packed?: PackedFields;
}
