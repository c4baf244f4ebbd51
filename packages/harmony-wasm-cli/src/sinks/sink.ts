/** The destination of a run's bytes: files that get their names at the end, or stdout. */

import type { PartlyEncodedBatch } from "../formats/format.ts";
import type { ConversationsByFile, Counts } from "../rows/counts.ts";
import type { Position } from "../rows/position.ts";
import type { Summary } from "../rows/summary.ts";

/** A batch that a worker has rendered. */
export interface DoneBatch extends PartlyEncodedBatch {
  counts: Counts;
  /** The conversations of each input file, by its index. */
  inputs: ConversationsByFile;
  /** The lines of the rejected rows. */
  rejected: Uint8Array<ArrayBuffer>;
  /** For the report of the run, if there will be one. */
  summary?: Summary;
  /** The digests of the rows, end to end; only with `--dedupe`. */
  digests?: Uint8Array;
}

/** Where the input continues after a batch, and the counts up to there. */
export interface Progressed extends Position {
  counts: Counts;
}

/** Writes batches in their order. */
export interface Sink {
  /** The folder of the run's own files until it is finished; undefined for stdout. */
  readonly folder: string | undefined;
  /** Whether an earlier run has written every byte, and the files only have to be named. */
  readonly isComplete: boolean;
  /** The progress of an earlier run: reading continues from there. */
  readonly resumed: Progressed | undefined;
  add: (done: DoneBatch, progressed: Progressed) => Promise<void>;
  /** Writes the last bytes; then the output is complete. */
  finish: () => Promise<void>;
  /** Releases the files, finished or not. */
  close: () => Promise<void>;
}
