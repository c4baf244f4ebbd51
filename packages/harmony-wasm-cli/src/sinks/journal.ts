/**
 * The journal of a run: a line of JSON that identifies the run, then one for each
 * batch whose bytes are all in their files. An unfinished line does not count,
 * nor do bytes beyond the lengths in the last line, so a run that was killed at
 * any moment continues from its last line.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { flushed } from "../files/flushed.ts";
import type { ConversationsByFile, Counts } from "../rows/counts.ts";
import type { Position } from "../rows/position.ts";

/** A batch in the journal: where the input continues after it, and more. */
export interface JournalEntry extends Position {
  /** The lengths of the files after the batch. */
  lengths: Record<string, number>;
  /** The counts up to here. */
  counts: Counts;
  /** The conversations of the batch from each input file, by its index. */
  inputs: ConversationsByFile;
  /** The row groups of rows that had waited, written before the batch; absent if there are none. */
  joined?: readonly JoinedRows[];
  /** The part of the batch that the footer needs; absent for a batch without rows. */
  meta?: unknown;
  hasRows: boolean;
}

/** A row group of rows of earlier batches in the journal. */
export interface JoinedRows {
  /** The lengths of the files after it. */
  lengths: Record<string, number>;
  meta?: unknown;
}

/** The identity of a run: a resumed run must have the same. */
export interface RunIdentity {
  input: unknown;
  options: unknown;
  software: unknown;
}

interface Head {
  run: RunIdentity;
  /** The lengths of the files before the first batch. */
  lengths: Record<string, number>;
}

type Line = Head | JournalEntry | { finished: true };

/** The content of a journal. */
export interface JournalState {
  run: RunIdentity;
  lengths: Record<string, number>;
  last: JournalEntry | undefined;
  finished: boolean;
}

/** A journal open for writing. */
export class Journal {
  readonly run: RunIdentity;
  readonly #path: string;
  readonly #file: FileHandle;
  #length: number;

  private constructor(run: RunIdentity, path: string, file: FileHandle, length: number) {
    this.run = run;
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Starts a journal. */
  static async create(path: string, run: RunIdentity, lengths: Record<string, number>) {
    const journal = new Journal(run, path, await open(path, "wx"), 0);
    await journal.#write({ run, lengths });
    return journal;
  }

  /** Continues a journal; undefined if not even its first line is complete. */
  static async resume(
    path: string,
  ): Promise<{ journal: Journal; state: JournalState } | undefined> {
    const text = await readFile(path, "utf8").catch(() => "");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const [head, ...lines] = whole.split("\n").filter((line) => line !== "");
    if (head === undefined) return undefined;
    const { run, lengths }: Head = JSON.parse(head);
    const finished = lines.at(-1) === JSON.stringify({ finished: true });
    const entry = lines.at(finished ? -2 : -1);
    const last: JournalEntry | undefined = entry === undefined ? undefined : JSON.parse(entry);
    const length = Buffer.byteLength(whole);
    const journal = new Journal(run, path, await open(path, "r+"), length);
    const state = { run, lengths: last?.lengths ?? lengths, last, finished };
    return { journal, state };
  }

  /** Records a batch that has been written. */
  async add(entry: JournalEntry): Promise<void> {
    await this.#write(entry);
  }

  /** Records that every byte has been written; only the renames are left. */
  async finish(): Promise<void> {
    await this.#write({ finished: true });
    await flushed(this.#file);
  }

  /** The batches with rows, each with the start of its bytes. */
  async *batches(): AsyncGenerator<{ meta: unknown; starts: Record<string, number> }> {
    for await (const { entry, starts } of this.entries()) {
      let from = starts;
      for (const { meta, lengths } of entry.joined ?? []) {
        yield { meta, starts: from };
        from = lengths;
      }
      if ("meta" in entry || entry.hasRows) yield { meta: entry.meta, starts: from };
    }
  }

  /** The batches, each with the start of its bytes. */
  async *entries(): AsyncGenerator<{ entry: JournalEntry; starts: Record<string, number> }> {
    const input = createReadStream(this.#path, { end: Math.max(0, this.#length - 1) });
    let starts: Record<string, number> = {};
    for await (const text of createInterface({ input })) {
      const line: Line = JSON.parse(text);
      if ("finished" in line) return;
      if (!("run" in line)) yield { entry: line, starts };
      starts = line.lengths;
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(line: Line): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    await this.#file.write(bytes, 0, bytes.length, this.#length);
    this.#length += bytes.length;
  }
}
