/**
 * The rows of a batch that are too few for a row group: of a small split, or what duplicates and
 * rejected rows left. They go serialized to the main thread and wait for those of later batches; then
 * a worker encodes them as if they had come in one batch.
 */

import { deserialize, serialize } from "node:v8";
import { appended } from "../files/bytes.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { FewRows, RowGroupSize } from "./format.ts";

/** Rows are few if they are less than half of a whole batch: so are those of every usual small split. */
const SHARE = 1 / 2;

/** What {@link FewRows.bytes} hold. */
interface Content {
  rows: readonly OutputRow[];
  encodedBytes: number;
}

/** Whether rows are too few for a row group. */
export function areFew(rows: readonly OutputRow[], { rows: most, ids }: RowGroupSize): boolean {
  return rows.length < most * SHARE && idsIn(rows) < ids * SHARE;
}

/** Serializes rows. */
export function fewRows(split: string, rows: readonly OutputRow[], encodedBytes: number): FewRows {
  const content = serialize({ rows, encodedBytes } satisfies Content);
  const length = new Uint8Array(Uint32Array.of(content.length).buffer);
  const bytes = appended([length, content]);
  return { split, bytes, rows: rows.length, ids: idsIn(rows), encodedBytes };
}

/** The rows, as they were. */
export function rowsOf({ bytes }: FewRows): readonly OutputRow[] {
  return contentOf(bytes.subarray(Uint32Array.BYTES_PER_ELEMENT)).rows;
}

/** Reads values in the order in which they were written. */
export function storedFewRows(split: string, stored: Uint8Array<ArrayBuffer>): FewRows[] {
  const found: FewRows[] = [];
  for (let from = 0; from < stored.length; ) {
    const start = from + Uint32Array.BYTES_PER_ELEMENT;
    const [length = 0] = new Uint32Array(stored.slice(from, start).buffer);
    const { rows, encodedBytes } = contentOf(stored.subarray(start, start + length));
    found.push({
      split,
      bytes: stored.slice(from, start + length),
      rows: rows.length,
      ids: idsIn(rows),
      encodedBytes,
    });
    from = start + length;
  }
  return found;
}

function contentOf(bytes: Uint8Array): Content {
  return deserialize(bytes);
}

function idsIn(rows: readonly OutputRow[]): number {
  return rows.reduce((sum, { tokens }) => sum + tokens.length, 0);
}
