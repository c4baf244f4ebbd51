/** Small batches are joined, the same ones from the end of any group on. */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { InputBatch } from "../src/input/batch.ts";
import { type BatchGroup, batchGroups } from "../src/input/batch-groups.ts";

const SIZE = { rows: 10, bytes: 100 };

/** One batch of each file, of these rows and bytes. */
function batchesOf(sizes: readonly (readonly [rows: number, bytes: number])[]): InputBatch[] {
  return sizes.map(([length, bytes], file) => ({
    rows: { kind: "arrow", ipc: new Uint8Array(bytes) },
    ...{ file, ordinal: 0, firstRow: 0, length, nextOffset: bytes },
  }));
}

async function* given(batches: readonly InputBatch[]) {
  yield* batches;
}

async function grouped(batches: readonly InputBatch[]): Promise<BatchGroup[]> {
  const groups: BatchGroup[] = [];
  for await (const group of batchGroups(given(batches), SIZE)) groups.push(group);
  return groups;
}

type Batches = readonly InputBatch[];
const rowsOf = (batches: Batches) => batches.reduce((sum, { length }) => sum + length, 0);
const bytesOf = (batches: Batches) => batches.reduce((sum, { nextOffset }) => sum + nextOffset, 0);
const isWithin = (batches: Batches) =>
  rowsOf(batches) <= SIZE.rows && bytesOf(batches) <= SIZE.bytes;
const isFull = (batches: Batches) => rowsOf(batches) >= SIZE.rows || bytesOf(batches) >= SIZE.bytes;

it("joins as many batches as fit, in their order, and continues after any group", async () => {
  const size = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 120 }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 30 }), async (sizes) => {
      const batches = batchesOf(sizes);
      const groups = await grouped(batches);
      expect(groups.flat()).toEqual(batches);
      for (const [at, group] of groups.entries()) {
        const next = groups[at + 1]?.[0];
        expect(group.length === 1 || isWithin(group)).toBe(true);
        expect(next === undefined || isFull(group) || !isWithin([...group, next])).toBe(true);
        expect(await grouped(groups.slice(at + 1).flat())).toEqual(groups.slice(at + 1));
      }
    }),
    { seed: 7 },
  );
});

it("gives a whole batch on before the next one is there", async () => {
  const [whole] = batchesOf([[10, 5]]);
  async function* endless() {
    if (whole) yield whole;
    await new Promise(() => {});
  }
  const { value } = await batchGroups(endless(), SIZE).next();
  expect(value).toEqual([whole]);
});
