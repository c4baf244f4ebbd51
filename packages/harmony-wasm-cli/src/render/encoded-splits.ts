/** Encodes the rows of a batch, those of each split alone; rows that are too few for that wait. */

import { areFew, fewRows } from "../formats/few-rows.ts";
import type { EncodedBatch, FewRows, PartlyEncodedBatch } from "../formats/format.ts";
import { encoderOf, hasRowGroups } from "../formats/formats.ts";
import { encodedSplits } from "../formats/split-format.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { Job } from "./job.ts";

/** The rows by split, in the order of their first rows; without `--split`, one with no name. */
export type Splits = ReadonlyMap<string, OutputRow[]>;

/** Makes the function that encodes the rows of a batch. */
export function encoderOfSplits({
  format,
  countsBytes,
}: Pick<Job, "format" | "countsBytes">): (splits: Splits) => PartlyEncodedBatch {
  const encode = encoderOf(format);
  const waits = hasRowGroups(format)
    ? (rows: readonly OutputRow[]) => areFew(rows, format.rowGroup)
    : () => false;
  return (splits) => {
    const whole = new Map<string, EncodedBatch>();
    const few: FewRows[] = [];
    for (const [split, rows] of splits) {
      if (!waits(rows)) whole.set(split, encode(rows));
      else few.push(fewRows(split, rows, countsBytes ? bytesIn(encode(rows)) : 0));
    }
    return { ...encodedSplits(whole), few };
  };
}

function bytesIn({ parts }: EncodedBatch): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
