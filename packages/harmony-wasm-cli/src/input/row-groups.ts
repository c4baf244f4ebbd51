/**
 * The row groups of a Parquet file as work for threads. The thread that works on a row group
 * decodes it too, from a file that it keeps open. Decoding takes as long as checking the ids, so
 * the main thread alone would keep two workers waiting for half of their time.
 */

import { START } from "../rows/position.ts";
import type { InputFile } from "../storage/input-file.ts";
import { localFile } from "../storage/local-files.ts";
import { BATCH_SIZE, type GivenBatch, type InputBatch, type RowGroup } from "./batch.ts";
import { firstWithRow } from "./continued.ts";
import { type OpenedParquet, openParquet, parquetBatches } from "./parquet.ts";

/** A thread reads a row group whole, so larger ones are cut into batches in the main thread. */
const MOST_BYTES = 8 * 1024 * 1024;

/** The files that a thread keeps open: `harmony diff` alternates between two. */
const MOST_OPEN = 2;

/** The row groups of a file, and the batches of those that are large. */
export async function* rowGroups(
  opened: OpenedParquet,
  { name }: InputFile,
  columns: readonly string[] | undefined,
): AsyncGenerator<GivenBatch> {
  let firstRow = 0;
  for (const [index, group] of opened.parquet.metadata().rowGroups().entries()) {
    const [length, bytes] = [group.numRows(), group.totalByteSize()];
    if (bytes > MOST_BYTES) {
      const rowGroup = { index, firstRow };
      yield* parquetBatches(opened, START, BATCH_SIZE.rows, { columns, rowGroup });
    } else if (length > 0) {
      const rows: RowGroup = { kind: "rowGroup", path: name, index, bytes, columns };
      const nextOffset = firstRow + length;
      yield { rows, file: 0, ordinal: index, firstRow, length, nextOffset };
    }
    firstRow += length;
  }
}

/** The batch itself, or the batches of the row group that it names. */
export async function* loaded({ rows, ...place }: GivenBatch): AsyncGenerator<InputBatch> {
  if (rows.kind === "rowGroup") yield* batchesOf(rows, place.firstRow);
  else yield { ...place, rows };
}

/** The first batch that has rows, with them, and all batches from it on. */
export async function withFirst(
  given: AsyncGenerator<GivenBatch>,
): Promise<{ first: InputBatch | undefined; batches: AsyncGenerator<GivenBatch> }> {
  for (;;) {
    const place = await given.next();
    if (place.done) return { first: undefined, batches: given };
    const read = loaded(place.value);
    const first = await firstWithRow(read);
    if (!first.done) return { first: first.value, batches: all(first.value, read, given) };
  }
}

async function* all(
  first: InputBatch,
  read: AsyncIterable<InputBatch>,
  given: AsyncIterable<GivenBatch>,
): AsyncGenerator<GivenBatch> {
  yield first;
  yield* read;
  yield* given;
}

async function* batchesOf(
  { path, index, columns }: RowGroup,
  firstRow: number,
): AsyncGenerator<InputBatch> {
  const part = { columns, rowGroup: { index, firstRow } };
  yield* parquetBatches(await keptOpen(path), START, BATCH_SIZE.rows, part);
}

/** The files that this thread has open, by their paths. */
const open = new Map<string, Promise<OpenedParquet>>();

function keptOpen(path: string): Promise<OpenedParquet> {
  const opened = open.get(path) ?? localFile(path).then(openParquet);
  open.delete(path); // The map keeps the order of use.
  open.set(path, opened);
  const [oldest] = open.keys();
  if (open.size > MOST_OPEN && oldest !== undefined) open.delete(oldest);
  return opened;
}
