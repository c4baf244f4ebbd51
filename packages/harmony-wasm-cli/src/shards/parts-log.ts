/**
 * The finished parts of a run: a line of JSON that identifies the run, then one
 * for each part whose files are complete. A part with a line is never written
 * again; at most it has still to be published.
 */

import { type FileHandle, open, readFile } from "node:fs/promises";
import { flushed } from "../files/flushed.ts";
import type { ConversationsByFile, Counts } from "../rows/counts.ts";
import type { Position } from "../rows/position.ts";
import type { RunIdentity } from "../sinks/journal.ts";

/** A complete file. */
export interface PartFile {
  /** Its name in the work folder of the part. */
  file: string;
  /** Its name in the output folder. */
  path: string;
  bytes: number;
  sha256: string;
}

/** A complete part. */
export interface PartRecord {
  number: number;
  /** The file that readers open comes first. */
  files: readonly PartFile[];
  /** The file of the rejected rows, if there are any. */
  rejected?: PartFile;
  counts: Counts;
  /** The conversations that each input file gave, by its index. */
  inputs: ConversationsByFile;
  /** Where the input continues after the part. */
  end: Position;
}

/** The log of a run. */
export class PartsLog {
  readonly run: RunIdentity;
  readonly parts: PartRecord[];
  readonly #file: FileHandle;
  #length: number;

  private constructor(run: RunIdentity, parts: PartRecord[], file: FileHandle, length: number) {
    this.run = run;
    this.parts = parts;
    this.#file = file;
    this.#length = length;
  }

  /** Starts a log. */
  static async create(path: string, run: RunIdentity): Promise<PartsLog> {
    const log = new PartsLog(run, [], await open(path, "w"), 0);
    await log.#write({ run });
    return log;
  }

  /** Continues a log; undefined if not even its first line is complete. */
  static async resume(path: string): Promise<PartsLog | undefined> {
    const text = await readFile(path, "utf8").catch(() => "");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const [head, ...lines] = whole.split("\n").filter((line) => line !== "");
    if (head === undefined) return undefined;
    const { run }: { run: RunIdentity } = JSON.parse(head);
    const parts = lines.map((line): PartRecord => JSON.parse(line));
    return new PartsLog(run, parts, await open(path, "r+"), Buffer.byteLength(whole));
  }

  /** Records a part whose files are complete. */
  async add(part: PartRecord): Promise<void> {
    await this.#write(part);
    this.parts.push(part);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }

  async #write(line: PartRecord | { run: RunIdentity }): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    await this.#file.write(bytes, 0, bytes.length, this.#length);
    await flushed(this.#file);
    this.#length += bytes.length;
  }
}
