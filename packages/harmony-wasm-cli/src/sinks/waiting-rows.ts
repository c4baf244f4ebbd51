/**
 * Rows that wait for their row group: each split has a queue, which is encoded when it has as many
 * rows as a batch, when a batch has enough rows to be encoded alone, and at the end. Only the batches
 * and their order decide, so the row groups do not depend on the workers.
 */

import { rowsOf } from "../formats/few-rows.ts";
import type { EncodedBatch, FewRows, Layout, PartlyEncodedBatch } from "../formats/format.ts";
import { encodedSplits, hasSplit } from "../formats/split-format.ts";

/** The rows that a batch leaves. */
export interface Gathered {
  /** The rows that have waited long enough, before those of the batch; absent if there are none. */
  joined?: EncodedBatch;
  /** The splits of which no row waits any more. */
  emptied: readonly string[];
  /** The rows of the batch that wait. */
  kept: readonly FewRows[];
}

/** The queues of an output. */
export class WaitingRows {
  readonly #layout: Pick<Layout, "rowGroup" | "encoders">;
  readonly #queues: ReadonlyMap<string, FewRows[]>;

  constructor(layout: Pick<Layout, "rowGroup" | "encoders">, stored: readonly FewRows[] = []) {
    this.#layout = layout;
    this.#queues = new Map(Array.from(layout.encoders.keys(), (split) => [split, []]));
    for (const each of stored) this.#queueOf(each.split).push(each);
  }

  /** The bytes that the rows would take at most. */
  get encodedBytes(): number {
    return encodedBytesOf([...this.#queues.values()].flat());
  }

  /** Takes the rows of the next batch that wait, and gives back those that waited long enough. */
  add(batch: PartlyEncodedBatch): Gathered {
    const { rowGroup } = this.#layout;
    for (const each of batch.few) this.#queueOf(each.split).push(each);
    const emptied = [...this.#queues].flatMap(([split, queue]) =>
      queue.length > 0 && (hasSplit(batch, split) || isWhole(queue, rowGroup)) ? [split] : [],
    );
    const kept = batch.few.filter(({ split }) => !emptied.includes(split));
    return emptied.length > 0
      ? { joined: this.#joined(emptied), emptied, kept }
      : { emptied, kept };
  }

  /** Gives back all rows. */
  end(): EncodedBatch {
    return this.#joined([...this.#queues.keys()]);
  }

  #queueOf(split: string): FewRows[] {
    const queue = this.#queues.get(split);
    if (!queue) throw new Error(`the layout has no split ${split}`);
    return queue;
  }

  #joined(splits: readonly string[]): EncodedBatch {
    const batches = splits.flatMap((split) => {
      const queue = this.#queueOf(split).splice(0);
      const encode = this.#layout.encoders.get(split);
      return encode && queue.length > 0 ? [[split, encode(queue.flatMap(rowsOf))] as const] : [];
    });
    return encodedSplits(new Map(batches));
  }
}

/** The bytes that rows would take, each few of them encoded alone. */
export function encodedBytesOf(few: readonly FewRows[]): number {
  return few.reduce((sum, { encodedBytes }) => sum + encodedBytes, 0);
}

function isWhole(queue: readonly FewRows[], size: Layout["rowGroup"]): boolean {
  const sum = (of: "rows" | "ids") => queue.reduce((total, each) => total + each[of], 0);
  return sum("rows") >= size.rows || sum("ids") >= size.ids;
}
