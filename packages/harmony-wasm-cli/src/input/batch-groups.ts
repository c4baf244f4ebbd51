/**
 * Consecutive batches joined to the work of one worker, so that thousands of small files do not
 * become thousands of row groups. A batch still belongs to one file: its rows, its number and its
 * place do not depend on the files beside it, and shares divide batches, not groups.
 */

import type { BatchSize, GivenBatch, InputBatch } from "./batch.ts";

/** Batches that are worked on together. */
export type BatchGroup<Each extends GivenBatch = InputBatch> = readonly [
  first: Each,
  ...others: Each[],
];

/**
 * Joins batches as long as they are together within the size of one. A batch begins a group after
 * every group, so a run that continues at the end of a group has the groups of one that never stopped.
 */
export async function* batchGroups<Each extends GivenBatch>(
  batches: AsyncIterable<Each>,
  size: BatchSize,
): AsyncGenerator<BatchGroup<Each>> {
  let group: [Each, ...Each[]] | undefined;
  let [rows, bytes] = [0, 0];
  for await (const batch of batches) {
    const own = bytesOf(batch);
    if (group && (rows + batch.length > size.rows || bytes + own > size.bytes)) {
      yield group;
      group = undefined;
    }
    if (group) group.push(batch);
    else [group, rows, bytes] = [[batch], 0, 0];
    [rows, bytes] = [rows + batch.length, bytes + own];
    if (rows < size.rows && bytes < size.bytes) continue;
    yield group; // At once: of an input that does not end, the next batch may never come.
    group = undefined;
  }
  if (group) yield group;
}

/** The last batch, at whose end the group ends. */
export function lastOf(group: BatchGroup): InputBatch {
  return group.at(-1) ?? group[0];
}

/** The size of the rows of a batch. */
export function bytesOf({ rows }: GivenBatch): number {
  if (rows.kind === "rowGroup") return rows.bytes;
  return rows.kind === "arrow" ? rows.ipc.length : rows.bytes.length;
}
