/**
 * Rows in an order of chance, with bounded memory: a first pass stores every row
 * in the bucket of its key, a second one sorts bucket after bucket. The buckets
 * stay beside the output until the run is finished, so a run that was killed in
 * the second pass does not begin again.
 */

import { mkdir, readFile, rename, rm, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandError } from "../exit.ts";
import type { BatchSize, InputBatch } from "../input/batch.ts";
import { rowTexts } from "../input/row-texts.ts";
import type { Position } from "../rows/position.ts";
import { bucketBatches } from "./bucket-reader.ts";
import { BucketWriter } from "./bucket-writer.ts";
import { copiesOf, keyOf } from "./order.ts";

/** A file of the input, and how often its rows appear. */
export interface WeightedFile {
  name: string;
  size: number | undefined;
  weight: number;
}

/** How rows are shuffled. */
export interface Shuffle {
  seed: string;
  files: readonly WeightedFile[];
  /** The folder of the buckets. */
  folder: string;
  size: BatchSize;
  /** Everything on which the buckets depend, as JSON. */
  identity: string;
}

/** The record of a complete first pass. */
interface Stored {
  identity: string;
  buckets: number;
  /** The rows of all buckets. */
  rows: number;
}

const RECORD = "stored.json";
/** Sorting holds one bucket in memory. */
const BUCKET_BYTES = 32 * 1024 * 1024;
/** More would be written in pieces of less than 8 KB. */
const MOST_BUCKETS = 4096;
/** How much larger the content of a compressed file is, by experience with JSON. */
const EXPANSION = 6;
const COMPRESSED = /\.(?:gz|zst|parquet)$/;

/** A shuffled input. */
export class ShuffledInput {
  readonly #shuffle: Shuffle;
  readonly #stored: Stored;
  #done = 0;
  readonly current = undefined;

  private constructor(shuffle: Shuffle, stored: Stored) {
    this.#shuffle = shuffle;
    this.#stored = stored;
  }

  /** Stores the rows of `batches`, unless an earlier run has stored all of them. */
  static async open(
    shuffle: Shuffle,
    batches: () => AsyncIterable<InputBatch>,
  ): Promise<ShuffledInput> {
    const before = await storedBefore(shuffle);
    if (before) return new ShuffledInput(shuffle, before);
    await rm(shuffle.folder, { recursive: true, force: true });
    await refuseWithoutRoom(shuffle);
    await mkdir(shuffle.folder, { recursive: true });
    return new ShuffledInput(shuffle, await stored(shuffle, batches()));
  }

  /** All rows. */
  get total(): number {
    return this.#stored.rows;
  }

  /** The rows read so far. */
  readonly done = (): number => this.#done;

  /** The batches from a position on, whose file is the number of a bucket. */
  async *batches(from: Position): AsyncGenerator<InputBatch> {
    const { folder, size } = this.#shuffle;
    const first = from.file ?? 0;
    for (let bucket = first; bucket < this.#stored.buckets; bucket += 1) {
      const { row, ordinal = 0 } = bucket === first ? from : { row: 0 };
      for await (const batch of bucketBatches(folder, bucket, size, { row, ordinal })) {
        this.#done += batch.length;
        yield batch;
      }
    }
  }

  /** Deletes the buckets. */
  async close(): Promise<void> {
    await rm(this.#shuffle.folder, { recursive: true, force: true });
  }
}

async function storedBefore({ folder, identity }: Shuffle): Promise<Stored | undefined> {
  const text = await readFile(join(folder, RECORD), "utf8").catch(() => undefined);
  const before: Stored | undefined = text === undefined ? undefined : JSON.parse(text);
  return before?.identity === identity ? before : undefined;
}

async function stored(
  { seed, files, folder, identity }: Shuffle,
  batches: AsyncIterable<InputBatch>,
): Promise<Stored> {
  const buckets = Math.min(MOST_BUCKETS, Math.ceil(contentBytes(files) / BUCKET_BYTES) || 1);
  const writer = new BucketWriter(folder, buckets);
  let rows = 0;
  for await (const batch of batches) {
    for (const given of rowTexts(batch)) {
      const { name = "", weight = 1 } = files[given.file] ?? {};
      const copies = copiesOf(seed, name, given.row, weight);
      for (let copy = 0; copy < copies; copy += 1) {
        await writer.add(keyOf(seed, name, given.row, copy), copy, given);
      }
      rows += copies;
    }
  }
  await writer.finish();
  const record = { identity, buckets, rows };
  await writeFile(join(folder, `${RECORD}.new`), JSON.stringify(record));
  await rename(join(folder, `${RECORD}.new`), join(folder, RECORD));
  return record;
}

function contentBytes(files: readonly WeightedFile[]): number {
  return files.reduce((sum, { name, size = 0, weight }) => {
    return sum + size * weight * (COMPRESSED.test(name) ? EXPANSION : 1);
  }, 0);
}

/** The size of a file is the least that its rows take. */
async function refuseWithoutRoom({ files, folder }: Shuffle): Promise<void> {
  const least = files.reduce((sum, { size = 0, weight }) => sum + size * weight, 0);
  const { bavail, bsize } = await statfs(dirname(folder));
  if (bavail * bsize >= least) return;
  const [needed, free] = [least, bavail * bsize].map((bytes) => `${Math.ceil(bytes / 1e6)} MB`);
  throw new CommandError(
    `--shuffle: ${dirname(folder)} has ${free} free, and the rows need at least ${needed} until the run is finished; choose an output on a larger disk`,
  );
}
