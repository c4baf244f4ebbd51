/**
 * Divides the input between the runs of `--shard i/n`. Every run computes the
 * same division from the names and sizes of all files, so the runs need no
 * connection, and together they have every row once.
 */

import type { InputFile } from "./input-file.ts";

/** One of several runs that divide the input: `--shard 2/8` is index 2 of 8. */
export interface Share {
  /** From 1. */
  index: number;
  of: number;
}

/** The part of the input that a run reads. */
export interface Portion {
  by: "files" | "batches";
  files: readonly InputFile[];
  /** Whether the run takes the batch with this number in a file. */
  takes: (file: number, ordinal: number) => boolean;
}

/** Whole files are given out if no run then has more than this much of an equal share. */
const MOST_OF_MEAN = 1.25;

/** The portion of a run. Without a share, it is everything. */
export function portionOf(files: readonly InputFile[], share: Share | undefined): Portion {
  if (!share) return { by: "files", files, takes: () => true };
  const { index, of } = share;
  const divided = dividedFiles(files, of);
  const mine = divided?.[index - 1];
  if (mine) return { by: "files", files: mine, takes: () => true };
  return { by: "batches", files, takes: (file, ordinal) => (file + ordinal) % of === index - 1 };
}

/**
 * The files in as many groups of nearly equal size: each file, the largest first,
 * goes to the smallest group so far. Undefined if the sizes do not allow it. The
 * files of a group keep their order.
 */
function dividedFiles(files: readonly InputFile[], count: number): InputFile[][] | undefined {
  const groups = Array.from({ length: count }, () => ({ bytes: 0, files: new Set<InputFile>() }));
  for (const file of files.toSorted((one, other) => (other.size ?? 0) - (one.size ?? 0))) {
    if (file.size === undefined) return undefined;
    const smallest = groups.reduce((least, each) => (each.bytes < least.bytes ? each : least));
    smallest.files.add(file);
    smallest.bytes += file.size;
  }
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = Math.max(...groups.map(({ bytes }) => bytes));
  if (most * count > total * MOST_OF_MEAN) return undefined;
  return groups.map((group) => files.filter((file) => group.files.has(file)));
}
