/** A row of the output: one sample, or several packed together. */

import type { MessageSpan, PackedSample } from "harmony-wasm/train";
import type { Carried } from "./carried.ts";

/** The fields that only a pack has. */
export interface PackedFields extends Omit<PackedSample, "samples" | "input_ids" | "loss_mask"> {
  /** The input row of each sample, in the order of the pack. */
  sourceRows: readonly number[];
  /** The input file of each sample; absent for streams of Arrow. */
  sourceFiles: readonly string[];
  /** The number of ids before the padding. */
  filled: number;
}

/** One row, with everything that a column can show. */
export interface OutputRow {
  tokens: Uint32Array;
  lossMask: Uint8Array;
  spans: readonly MessageSpan[];
  /** The number of the input row, from 0; for a pack, that of its first sample. */
  sourceRow: number;
  /** The name of the input file, empty for stdin; absent for streams of Arrow. */
  sourceFile?: string;
  packed?: PackedFields;
  /** The split that the row belongs to; absent without `--split`. */
  split?: string;
  /** The fields of `--carry`. */
  carried?: Carried;
}

/** The number of ids without padding. */
export function lengthOf({ tokens, packed }: OutputRow): number {
  return packed?.filled ?? tokens.length;
}
