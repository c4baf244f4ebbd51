/**
 * The ledger of a run: a line of JSON for each batch, with the parts of it that a
 * resumed run needs and its output cannot show. A batch is entered before it is
 * written, so the ledger has at most one batch more than the output; a resumed run
 * cuts that off.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { UsageError } from "../exit.ts";
import { type Position, START } from "../rows/position.ts";
import type { Summary } from "../rows/summary.ts";

/** A batch in the ledger. */
export interface LedgerEntry {
  /** Where the input continues after the batch. */
  position: Position;
  summary?: Summary;
  /** The digests of the rows that were kept, as base64; with `--dedupe`. */
  digests?: string;
}

/** A ledger open for writing. */
export class Ledger {
  readonly #file: FileHandle;
  #length: number;

  private constructor(file: FileHandle, length: number) {
    this.#file = file;
    this.#length = length;
  }

  /**
   * Opens a ledger, and passes the entries up to a position to `read`.
   *
   * @param to Where the run continues; undefined at the beginning.
   */
  static async open(
    path: string,
    to: Position | undefined,
    read: (entry: LedgerEntry) => void,
  ): Promise<Ledger> {
    const begins = to === undefined || isSame(to, START);
    const length = begins ? 0 : await entriesUpTo(path, to, read);
    const file = await open(path, begins ? "w" : "r+");
    await file.truncate(length);
    return new Ledger(file, length);
  }

  /** Enters a batch. */
  async add(entry: LedgerEntry): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
    await this.#file.write(bytes, 0, bytes.length, this.#length);
    this.#length += bytes.length;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads entries up to the one of a position; returns the length of the file up to there. */
async function entriesUpTo(
  path: string,
  to: Position,
  read: (entry: LedgerEntry) => void,
): Promise<number> {
  let length = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const entry: LedgerEntry = JSON.parse(line);
      length += Buffer.byteLength(line) + 1;
      read(entry);
      if (isSame(entry.position, to)) return length;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || (error instanceof Error && "code" in error))) throw error;
  }
  throw new UsageError(
    `--resume: ${path} lacks a part of the stopped run, so duplicates and the report cannot be continued; --overwrite starts over`,
  );
}

function isSame(one: Position, other: Position): boolean {
  return (
    (one.file ?? 0) === (other.file ?? 0) && one.row === other.row && one.offset === other.offset
  );
}
