/** Positions in the input of a run. */

/** A position between two batches. */
export interface Position {
  /** An index into the files of the run; absent for the first. */
  file?: number;
  /** The batches before it in the file; absent for 0. */
  ordinal?: number;
  /** The rows before it in the file. */
  row: number;
  /** The uncompressed bytes before it in the file. */
  offset: number;
  /** The digest of the file before it; only for a stream. */
  digest?: string;
}

/** The beginning of the input. */
export const START: Position = { row: 0, offset: 0 };
