/**
 * The files of a run as one sequence of batches. A batch never has rows of two
 * files, so the batches of a file do not depend on the files beside it; batch-groups.ts
 * joins small ones.
 */

import { type Position, START } from "../rows/position.ts";
import type { Shape } from "../rows/shapes.ts";
import type { InputFile } from "../storage/input-file.ts";
import type { Portion } from "../storage/share.ts";
import { BATCH_SIZE, type BatchSize, type InputBatch } from "./batch.ts";
import { bytesOf } from "./batch-groups.ts";
import { continued, firstWithRow, joined } from "./continued.ts";
import { detectedShape } from "./shape.ts";
import { openFile, type Source } from "./source.ts";

/** Files that are looked at side by side; more would not help a disk. */
const AT_ONCE = 8;

/** The most bytes of small files that are kept from the look at their shapes, to be read once. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

/** A file of a run, and the shape of its rows; without rows it has none. */
export interface ShapedFile {
  file: InputFile;
  shape: Shape | undefined;
}

/** An open file. */
interface Opened {
  source: Source;
  batches: AsyncIterable<InputBatch>;
}

/** What detecting the shapes has found out already. */
interface Looked {
  /** Streams, which can be read only once, and small files. */
  opened: Map<InputFile, Opened>;
  /** The bytes of the small files. */
  keptBytes: number;
}

/** The file that is being read. */
interface Reading {
  index: number;
  source: Source;
  /** The bytes of the files before it. */
  before: number;
}

/** The files of a run, to be read from any position. */
export class InputSet {
  readonly files: readonly ShapedFile[];
  readonly #size: BatchSize;
  readonly #looked: Looked;
  #reading: Reading | undefined;

  private constructor(files: readonly ShapedFile[], size: BatchSize, looked: Looked) {
    this.files = files;
    this.#size = size;
    this.#looked = looked;
  }

  /**
   * Looks at every file before the run, so that a file that cannot be read or
   * recognised stops the run before it begins. Each file has a shape of its own,
   * unless `shape` is that of all.
   */
  static async open(
    files: readonly InputFile[],
    shape: Shape | "auto",
    size: BatchSize,
  ): Promise<InputSet> {
    const looked: Looked = { opened: new Map(), keptBytes: 0 };
    if (shape !== "auto") {
      return new InputSet(
        files.map((file) => ({ file, shape })),
        size,
        looked,
      );
    }
    const shaped: ShapedFile[] = [];
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const some = files
        .slice(at, at + AT_ONCE)
        .map((file, index) => shapedFile(file, { ...START, file: at + index }, size, looked));
      shaped.push(...(await Promise.all(some)));
    }
    return new InputSet(shaped, size, looked);
  }

  /** All bytes; undefined if a file is a stream. */
  get total(): number | undefined {
    let total = 0;
    for (const { file } of this.files) {
      if (file.size === undefined) return undefined;
      total += file.size;
    }
    return total;
  }

  /** The bytes read so far, by the share of the current file that has been read. */
  readonly done = (): number => {
    if (!this.#reading) return 0;
    const { index, source, before } = this.#reading;
    const { size } = this.files[index]?.file ?? {};
    if (size === undefined) return before + source.done();
    return before + (size * source.done()) / Math.max(1, source.total ?? 0);
  };

  /** The name of the file that is being read, if there are several. */
  get current(): string | undefined {
    if (this.files.length < 2 || !this.#reading) return undefined;
    return this.files[this.#reading.index]?.file.name;
  }

  /** The batches from a position on, those that `takes` accepts. */
  async *batches(from: Position, takes: Portion["takes"]): AsyncGenerator<InputBatch> {
    const first = from.file ?? 0;
    let before = 0;
    for (const [index, { file }] of this.files.entries()) {
      if (index >= first) {
        const start = index === first ? from : { ...START, file: index };
        const { source, batches } = await this.#opened(file, start);
        this.#reading = { index, source, before };
        for await (const batch of batches) if (takes(batch.file, batch.ordinal)) yield batch;
      }
      before += file.size ?? 0;
    }
  }

  async #opened(file: InputFile, from: Position): Promise<Opened> {
    const { opened } = this.#looked;
    const before = opened.get(file);
    if (before && file.isStream) {
      return { ...before, batches: continued(before.batches, from, file.name) };
    }
    // Its batches move to threads, so they are there only once.
    if (opened.delete(file) && before && from.row === 0) return before;
    const source = await openFile(file, from, this.#size);
    return { source, batches: source.batches() };
  }
}

async function shapedFile(
  file: InputFile,
  start: Position,
  size: BatchSize,
  looked: Looked,
): Promise<ShapedFile> {
  const source = await openFile(file, start, size);
  const rest = source.batches();
  const first = await firstWithRow(rest);
  if (file.isStream || (!first.done && (await isKept(file, first.value, rest, looked)))) {
    looked.opened.set(file, { source, batches: joined(first, rest) });
  } else await rest.return(undefined);
  return { file, shape: first.done ? undefined : detectedShape(first.value, file.name) };
}

/** Whether a file is one batch for which there is room. */
async function isKept(
  { size = Number.POSITIVE_INFINITY }: InputFile,
  first: InputBatch,
  rest: AsyncIterator<InputBatch>,
  looked: Looked,
): Promise<boolean> {
  const bytes = bytesOf(first);
  if (size > BATCH_SIZE.bytes || looked.keptBytes + bytes > MOST_KEPT_BYTES) return false;
  looked.keptBytes += bytes;
  const isWhole = (await rest.next()).done === true;
  if (!isWhole) looked.keptBytes -= bytes;
  return isWhole;
}
