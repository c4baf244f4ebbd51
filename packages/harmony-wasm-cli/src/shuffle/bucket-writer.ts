/** The first pass of a shuffle: rows into files by the beginning of their keys. */

import { open } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import { flushed } from "../files/flushed.ts";
import type { RowText } from "../input/batch.ts";
import { storedRow } from "../input/stored-rows.ts";
import { KEYS } from "./order.ts";

/** The bytes held for all buckets before they are written. */
const HELD_BYTES = 32 * 1024 * 1024;

/** The file of a bucket. */
export function bucketPath(folder: string, bucket: number): string {
  return join(folder, `bucket-${bucket}`);
}

interface Bucket {
  path: string;
  held: Buffer[];
  heldBytes: number;
}

/** Writes rows to buckets. A file is open only while it is written, so there may be many. */
export class BucketWriter {
  readonly #folder: string;
  readonly #buckets: Bucket[];

  /** The folder exists and is empty. */
  constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#buckets = Array.from({ length: count }, (_, bucket) => {
      return { path: bucketPath(folder, bucket), held: [], heldBytes: 0 };
    });
  }

  /** Adds a copy of a row. */
  async add(key: number, copy: number, given: RowText): Promise<void> {
    const bucket = this.#buckets[Math.floor((key / KEYS) * this.#buckets.length)];
    if (!bucket) throw new Error(`no bucket has the key ${key}`);
    const { file, row } = given;
    const record = storedRow({ key, file, row, copy }, given);
    bucket.held.push(record);
    bucket.heldBytes += record.length;
    if (bucket.heldBytes * this.#buckets.length >= HELD_BYTES) await this.#write(bucket, false);
  }

  /** Writes the rows that are held; a bucket without rows gets an empty file. */
  async finish(): Promise<void> {
    for (const bucket of this.#buckets) await this.#write(bucket, true);
  }

  async #write(bucket: Bucket, isLast: boolean): Promise<void> {
    const bytes = Buffer.concat(bucket.held);
    bucket.held = [];
    bucket.heldBytes = 0;
    try {
      await appendTo(bucket.path, bytes, isLast);
    } catch (error) {
      const detail = error instanceof Error ? error.message : error;
      throw new CommandError(
        `--shuffle: ${this.#folder} could not be written: ${detail}; it holds every row once more until the run is finished, and --resume begins the shuffle again`,
      );
    }
  }
}

async function appendTo(path: string, bytes: Buffer, isLast: boolean): Promise<void> {
  const file = await open(path, "a");
  try {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, null)).bytesWritten;
    }
    if (isLast) await flushed(file);
  } finally {
    await file.close();
  }
}
