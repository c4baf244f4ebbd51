/**
 * The journal of a run: one line of JSON for what the run is, one for each
 * batch whose bytes are all in their files. A line that was not finished does
 * not count, nor do bytes after the last line's lengths: so a run that was
 * killed at any moment goes on from its last line.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import type { Counts } from "../pipeline/task.ts";

/** A batch in the journal. */
export interface JournalEntry {
  /** Where the input goes on. */
  row: number;
  offset: number;
  /** The digest of the input up to there, where it is stdin. */
  digest?: string;
  /** The lengths of the files after the batch. */
  lengths: Record<string, number>;
  /** All that has been counted up to here. */
  counts: Counts;
  /** What the footer has to know of the batch; absent where it had no rows. */
  meta?: unknown;
  hasRows: boolean;
}

/** What a run is: a resumed one has to be the same. */
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

/** What stands in a journal. */
export interface JournalState {
  run: RunIdentity;
  lengths: Record<string, number>;
  last: JournalEntry | undefined;
  finished: boolean;
}

/** A journal that is being written. */
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

  /** A new one. */
  static async create(path: string, run: RunIdentity, lengths: Record<string, number>) {
    const journal = new Journal(run, path, await open(path, "wx"), 0);
    await journal.#write({ run, lengths });
    return journal;
  }

  /** One that goes on; undefined where not even its first line was finished. */
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

  /** A batch has been written. */
  async add(entry: JournalEntry): Promise<void> {
    await this.#write(entry);
  }

  /** Every byte has been written; what is left are the files' names. */
  async finish(): Promise<void> {
    await this.#write({ finished: true });
    await this.#file.datasync();
  }

  /** The batches with rows, each with where its bytes begin. */
  async *batches(): AsyncGenerator<{ meta: unknown; starts: Record<string, number> }> {
    const input = createReadStream(this.#path, { end: Math.max(0, this.#length - 1) });
    let starts: Record<string, number> = {};
    for await (const text of createInterface({ input })) {
      const line: Line = JSON.parse(text);
      if ("finished" in line) return;
      if ("meta" in line || ("hasRows" in line && line.hasRows)) yield { meta: line.meta, starts };
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
