/** The second pass of a shuffle: the rows of a bucket, sorted, in batches. */

import { open } from "node:fs/promises";
import type { BatchSize, InputBatch } from "../input/batch.ts";
import { type StoredRecord, storedRecords } from "../input/stored-rows.ts";
import { bucketPath } from "./bucket-writer.ts";
import { byPlace } from "./order.ts";

/** The batches of a bucket from a row on, which must be the start of a batch. */
export async function* bucketBatches(
  folder: string,
  bucket: number,
  size: BatchSize,
  from: { row: number; ordinal: number },
): AsyncGenerator<InputBatch> {
  const bytes = await wholeFile(bucketPath(folder, bucket));
  const records = [...storedRecords(bytes)].sort(byPlace);
  let ordinal = from.ordinal;
  for (let firstRow = from.row; firstRow < records.length; ordinal += 1) {
    const taken = takenFrom(records, firstRow, size);
    const rows = { kind: "stored", bytes: joinedRecords(bytes, taken) } as const;
    const nextOffset = firstRow + taken.length;
    yield { rows, file: bucket, ordinal, firstRow, length: taken.length, nextOffset };
    firstRow = nextOffset;
  }
}

/** `readFile` refuses files of more than 2 GB. */
async function wholeFile(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const bytes = Buffer.allocUnsafeSlow((await file.stat()).size);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) throw new Error(`${path} became shorter`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function takenFrom(records: readonly StoredRecord[], first: number, size: BatchSize) {
  let bytes = 0;
  let last = first;
  while (last < records.length && last - first < size.rows && bytes < size.bytes) {
    const { start, end } = records[last] ?? { start: 0, end: 0 };
    bytes += end - start;
    last += 1;
  }
  return records.slice(first, last);
}

function joinedRecords(bytes: Buffer, records: readonly StoredRecord[]): Uint8Array<ArrayBuffer> {
  const length = records.reduce((sum, { start, end }) => sum + end - start, 0);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const { start, end } of records) {
    joined.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return joined;
}
