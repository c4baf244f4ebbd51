/**
 * Rows that wait for their row group: those of each split until they are as many as a batch has, until
 * a batch has enough rows to be encoded alone, or until the end. Only the batches and their order
 * decide, so the row groups do not depend on the workers.
 */

import type { EncodedBatch, Layout, PartlyEncodedBatch } from "../formats/format.ts";
import { type Gathered, SplitQueue, waitingFiles } from "./split-queue.ts";

/** The queues of an output. */
export class WaitingRows {
  readonly #queues: readonly SplitQueue[];

  /** @param stored What an earlier run left in {@link filesOf}. */
  constructor(layout: Layout, stored: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map()) {
    this.#queues = Array.from(
      layout.encoders,
      ([split, encode]) => new SplitQueue(split, encode, layout),
    );
    for (const queue of this.#queues) queue.restore(stored);
  }

  /** The files of rows that wait. */
  static filesOf({ encoders }: Layout): string[] {
    return [...encoders.keys()].flatMap(waitingFiles);
  }

  /** The bytes that the rows would take at most. */
  get encodedBytes(): number {
    return this.#queues.reduce((sum, { encodedBytes }) => sum + encodedBytes, 0);
  }

  /** Takes the rows of the next batch that wait, and gives back those that waited long enough. */
  async add(batch: PartlyEncodedBatch): Promise<Gathered> {
    const gathered: Gathered = { joined: [], kept: [], emptied: [] };
    for (const queue of this.#queues) await queue.add(batch, gathered);
    return gathered;
  }

  /** Gives back all rows, as row groups. */
  async end(): Promise<EncodedBatch[]> {
    const groups: EncodedBatch[] = [];
    for (const queue of this.#queues) groups.push(...(await queue.end()));
    return groups;
  }
}
