/**
 * The rows of one split that wait for their row group. A worker encodes a whole one while the next one
 * gathers, and it is written when that one is whole too: at a moment that only the batches decide.
 */

import { rowsOf, storedFewRows } from "../formats/few-rows.ts";
import type {
  Encode,
  EncodedBatch,
  FewRows,
  FileBytes,
  Layout,
  PartlyEncodedBatch,
} from "../formats/format.ts";
import { encodedSplits, hasSplit } from "../formats/split-format.ts";

/** What a batch changes. */
export interface Gathered {
  /** Row groups of rows that have waited, before the rows of the batch. */
  joined: EncodedBatch[];
  /** The rows of the batch that wait. */
  kept: FileBytes[];
  /** The files of which no row waits any more. */
  emptied: string[];
}

/** A row group that a worker encodes; after a resume, only when it is written. */
interface BegunGroup {
  few: readonly FewRows[];
  encoded?: Promise<EncodedBatch>;
}

type Grouping = Pick<Layout, "rowGroup" | "encodeInThread">;

/** One queue. */
export class SplitQueue {
  readonly #split: string;
  readonly #encode: Encode;
  readonly #grouping: Grouping;
  #few: FewRows[] = [];
  /** The file of these rows; those of the row group that has begun have the other. */
  #file: string;
  #begun: BegunGroup | undefined;

  constructor(split: string, encode: Encode, grouping: Grouping) {
    this.#split = split;
    this.#encode = encode;
    this.#grouping = grouping;
    [this.#file] = waitingFiles(split);
  }

  /** Takes the rows that an earlier run left in its files. */
  restore(stored: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): void {
    for (const file of waitingFiles(this.#split)) {
      const few = storedFewRows(this.#split, stored.get(file) ?? new Uint8Array(0));
      if (this.#isWhole(few)) {
        this.#begun = { few };
        this.#file = this.#otherFile(file);
      } else if (few.length > 0) [this.#few, this.#file] = [few, file];
    }
  }

  /** The bytes that the rows would take at most. */
  get encodedBytes(): number {
    return encodedBytesOf(this.#few) + encodedBytesOf(this.#begun?.few ?? []);
  }

  /** Takes the rows of a batch, and gives back row groups that come before its own. */
  async add(batch: PartlyEncodedBatch, into: Gathered): Promise<void> {
    if (hasSplit(batch, this.#split)) {
      into.joined.push(...(await this.end()));
      into.emptied.push(...waitingFiles(this.#split));
      return;
    }
    for (const few of batch.few.filter(({ split }) => split === this.#split)) {
      this.#few.push(few);
      into.kept.push({ file: this.#file, bytes: few.bytes });
    }
    if (!this.#isWhole(this.#few)) return;
    into.joined.push(...(await this.#endBegun()));
    this.#begun = this.#begin(this.#few);
    [this.#few, this.#file] = [[], this.#otherFile(this.#file)];
    into.emptied.push(this.#file);
  }

  /** Gives back all rows, as row groups. */
  async end(): Promise<EncodedBatch[]> {
    const groups = await this.#endBegun();
    const rows = this.#few.flatMap(rowsOf);
    this.#few = [];
    return rows.length > 0 ? [...groups, this.#ofSplit(this.#encode(rows))] : groups;
  }

  #begin(few: readonly FewRows[]): BegunGroup {
    const encoded = this.#grouping.encodeInThread(few);
    encoded.catch(() => {}); // Reported when it is written.
    return { few, encoded };
  }

  async #endBegun(): Promise<EncodedBatch[]> {
    const begun = this.#begun;
    if (!begun) return [];
    const encoded = await (begun.encoded ?? this.#grouping.encodeInThread(begun.few));
    this.#begun = undefined;
    return [this.#ofSplit(encoded)];
  }

  #isWhole(few: readonly FewRows[]): boolean {
    const { rows, ids } = this.#grouping.rowGroup;
    const sum = (of: "rows" | "ids") => few.reduce((total, each) => total + each[of], 0);
    return sum("rows") >= rows || sum("ids") >= ids;
  }

  #otherFile(file: string): string {
    const [one, other] = waitingFiles(this.#split);
    return file === one ? other : one;
  }

  #ofSplit(batch: EncodedBatch): EncodedBatch {
    return encodedSplits(new Map([[this.#split, batch]]));
  }
}

/** The two files of a split, which take turns. */
export function waitingFiles(split: string): [string, string] {
  const prefix = split === "" ? "" : `${split}.`;
  return [`${prefix}waiting`, `${prefix}waiting2`];
}

/** The bytes that rows would take, each few of them encoded alone. */
export function encodedBytesOf(few: readonly FewRows[]): number {
  return few.reduce((sum, { encodedBytes }) => sum + encodedBytes, 0);
}
