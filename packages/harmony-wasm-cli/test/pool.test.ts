/** The pool of worker threads: batches begin in the order of the input. */

import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import type { InputBatch } from "../src/input/batch.ts";
import type { BatchGroup } from "../src/input/batch-groups.ts";
import { WorkerPool } from "../src/workers/pool.ts";

const module = new URL("./begun-batches.ts", import.meta.url);
const BATCHES = 12;

/** How many batches have begun, in memory that the threads share. */
const begun = () => new Int32Array(new SharedArrayBuffer(4));

function blockFor(milliseconds: number): void {
  Atomics.wait(begun(), 0, 0, milliseconds);
}

function batchOf(ordinal: number): InputBatch {
  const rows = { kind: "lines", bytes: new Uint8Array(1), ends: Uint32Array.of(1), tooLong: [] };
  const place = { file: 0, ordinal, firstRow: ordinal, length: 1, nextOffset: ordinal + 1 };
  return { ...place, rows: { ...rows, kind: "lines" } };
}

const task = (ordinal: number): { batches: BatchGroup } => ({ batches: [batchOf(ordinal)] });

async function* tasks() {
  for (let ordinal = 0; ordinal < BATCHES; ordinal += 1) yield task(ordinal);
}

/** --dedupe decides in this order: with another one, a batch would wait for ever for an earlier one. */
it("begins batches in their order, with one thread", async () => {
  const pool = new WorkerPool<{ batches: BatchGroup }, number>(module, 1, begun());
  const order: [ordinal: number, place: number][] = [];
  for await (const { batches, done } of pool.inOrder(tasks())) {
    order.push([batches[0].ordinal, done]);
  }
  await pool.close();
  expect(order).toEqual(order.map((_, at) => [at, at]));
  expect(order).toHaveLength(BATCHES);
});

/** A reader that has seen enough closes the pool while the threads answer. */
it("closes over answers that have arrived and are not read yet", async () => {
  const pool = new WorkerPool<{ batches: BatchGroup }, number>(module, 2, begun());
  const read: number[] = [];
  for await (const { batches } of pool.inOrder(tasks())) {
    read.push(batches[0].ordinal);
    if (read.length === BATCHES / 2) break;
  }
  blockFor(200); // The threads answer meanwhile; nobody can read it before the pool closes.
  await pool.close();
  await setTimeout(50); // An error of the pool would come now, and end the process.
  expect(read).toEqual([0, 1, 2, 3, 4, 5]);
});
