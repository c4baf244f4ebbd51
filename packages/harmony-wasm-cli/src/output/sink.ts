/** Where a run's bytes go: files that get their names at the end, or stdout. */

import type { JournalEntry } from "../files/journal.ts";
import type { DoneBatch } from "../pipeline/task.ts";

/** Where the input goes on after a batch, and what has been counted so far. */
export type Progressed = Pick<JournalEntry, "row" | "offset" | "digest" | "counts">;

/** Takes batches in their order. */
export interface Sink {
  /** What an earlier run has done: reading goes on from there. */
  readonly resumed: Progressed | undefined;
  add: (done: DoneBatch, progressed: Progressed) => Promise<void>;
  /** The last bytes; after it the output is there. */
  finish: () => Promise<void>;
  /** Lets go of the files, finished or not. */
  close: () => Promise<void>;
}
