/** The first pass of a shuffle: rows into files by the beginning of their keys. */

import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import type { RowText } from "../input/row-texts.ts";
import { storedRow } from "../input/stored-rows.ts";
import { KEYS } from "./order.ts";

/** The bytes held for all buckets before they are written. */
const HELD_BYTES = 64 * 1024 * 1024;

/** The file of a bucket. */
export function bucketPath(folder: string, bucket: number): string {
  return join(folder, `bucket-${bucket}`);
}

interface Bucket {
  file: FileHandle;
  held: Buffer[];
  heldBytes: number;
}

/** Writes rows to buckets. */
export class BucketWriter {
  readonly #folder: string;
  readonly #buckets: Bucket[];

  private constructor(folder: string, buckets: Bucket[]) {
    this.#folder = folder;
    this.#buckets = buckets;
  }

  /** Begins with empty buckets, in a folder that exists. */
  static async create(folder: string, count: number): Promise<BucketWriter> {
    const buckets: Bucket[] = [];
    for (let bucket = 0; bucket < count; bucket += 1) {
      const file = await open(bucketPath(folder, bucket), "w");
      buckets.push({ file, held: [], heldBytes: 0 });
    }
    return new BucketWriter(folder, buckets);
  }

  /** Adds a copy of a row. */
  async add(key: number, copy: number, given: RowText): Promise<void> {
    const bucket = this.#buckets[Math.floor((key / KEYS) * this.#buckets.length)];
    if (!bucket) throw new Error(`no bucket has the key ${key}`);
    const { file, row } = given;
    const record = storedRow({ key, file, row, copy }, given);
    bucket.held.push(record);
    bucket.heldBytes += record.length;
    if (bucket.heldBytes * this.#buckets.length >= HELD_BYTES) await this.#write(bucket);
  }

  /** Writes the rows that are held, and closes the files. */
  async finish(): Promise<void> {
    for (const bucket of this.#buckets) {
      await this.#write(bucket);
      await this.#reported(() => bucket.file.datasync());
    }
    await this.close();
  }

  /** Closes the files. */
  async close(): Promise<void> {
    for (const { file } of this.#buckets) await file.close();
    this.#buckets.length = 0;
  }

  async #write(bucket: Bucket): Promise<void> {
    const bytes = Buffer.concat(bucket.held);
    bucket.held = [];
    bucket.heldBytes = 0;
    for (let done = 0; done < bytes.length; ) {
      const written = await this.#reported(() =>
        bucket.file.write(bytes, done, bytes.length - done, null),
      );
      done += written.bytesWritten;
    }
  }

  async #reported<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      const detail = error instanceof Error ? error.message : error;
      throw new CommandError(
        `--shuffle: ${this.#folder} could not be written: ${detail}; it holds every row once more until the run is finished, and --resume begins the shuffle again`,
      );
    }
  }
}
