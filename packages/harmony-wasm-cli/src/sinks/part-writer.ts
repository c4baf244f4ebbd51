/**
 * Writes the files of one part of an output, which is often all of it: in a
 * folder of its own, with a journal, so that a run that was killed continues from
 * its last batch. The files get their final names elsewhere, when they are complete.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import { owned } from "../files/bytes.ts";
import { flushed } from "../files/flushed.ts";
import type { EncodedBatch, Layout, Written, WrittenBatch } from "../formats/format.ts";
import {
  type JoinedRows,
  Journal,
  type JournalEntry,
  type JournalState,
  type RunIdentity,
} from "./journal.ts";
import type { DoneBatch, Progressed } from "./sink.ts";
import { WaitingRows } from "./waiting-rows.ts";

/** The file of rejected rows in the folder. */
export const REJECTED = "rejected";
/** The journal in the folder. */
export const JOURNAL = "journal.jsonl";

/** A part to be written. */
export interface PartPlan {
  /** The folder of the unfinished files. */
  folder: string;
  /** The output in messages. */
  name: string;
  layout: Layout;
}

/** A part whose files are open. */
interface OpenedPart {
  plan: PartPlan;
  journal: Journal;
  files: Map<string, FileHandle>;
  lengths: Readonly<Record<string, number>>;
  /** The rows that waited when an earlier run ended. */
  waiting?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  state?: JournalState;
}

/** Files in a folder, a journal beside them. */
export class PartWriter {
  readonly #plan: PartPlan;
  readonly #journal: Journal;
  readonly #files: Map<string, FileHandle>;
  readonly #lengths: Record<string, number>;
  readonly #waiting: WaitingRows;
  readonly #state: JournalState | undefined;

  private constructor(opened: OpenedPart) {
    this.#plan = opened.plan;
    this.#journal = opened.journal;
    this.#files = opened.files;
    this.#lengths = { ...opened.lengths };
    this.#waiting = new WaitingRows(opened.plan.layout, opened.waiting);
    this.#state = opened.state;
  }

  /** Begins a part; its folder must not exist. */
  static async create(plan: PartPlan, run: RunIdentity): Promise<PartWriter> {
    const { folder, name, layout } = plan;
    await reported(name, () => mkdir(folder));
    const files = await openFiles(plan, "w+");
    const lengths = Object.fromEntries(Array.from(files.keys(), (file) => [file, 0]));
    for (const { file, bytes } of layout.heads) {
      await reported(name, () => writeAt(files, file, bytes, 0));
      lengths[file] = bytes.length;
    }
    const journal = await Journal.create(join(folder, JOURNAL), run, lengths);
    return new PartWriter({ plan, journal, files, lengths });
  }

  /** Continues a part; undefined if it has not begun, and then nothing of it is left. */
  static async resume(plan: PartPlan): Promise<PartWriter | undefined> {
    const { folder } = plan;
    const resumed = await Journal.resume(join(folder, JOURNAL));
    if (!resumed) {
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    const { journal, state } = resumed;
    const files = state.finished ? new Map<string, FileHandle>() : await openFiles(plan, "r+");
    for (const [name, file] of files) await file.truncate(state.lengths[name] ?? 0);
    const { lengths } = state;
    const waiting = await waitingIn(plan, lengths);
    return new PartWriter({ plan, journal, files, lengths, waiting, state });
  }

  /** The run that began the part. */
  get run(): RunIdentity {
    return this.#journal.run;
  }

  /** Whether an earlier run has written every byte. */
  get isComplete(): boolean {
    return this.#state?.finished ?? false;
  }

  /** The progress of an earlier run. */
  get resumed(): Progressed | undefined {
    return this.#state?.last;
  }

  /** The journal's entries, of this run and of earlier ones. */
  entries(): ReturnType<Journal["entries"]> {
    return this.#journal.entries();
  }

  /** The length of a file so far. */
  lengthOf(file: string): number {
    return this.#lengths[file] ?? 0;
  }

  /** The bytes of the published files so far, and those that waiting rows would take. */
  get bytes(): number {
    const { files } = this.#plan.layout;
    return files.reduce((sum, { file }) => sum + this.lengthOf(file), this.#waiting.encodedBytes);
  }

  /** Writes a batch, and then its line in the journal. */
  async add(done: DoneBatch, progressed: Progressed): Promise<void> {
    const { joined, emptied, kept } = await this.#waiting.add(done);
    const groups = await this.#appendGroups(joined);
    await this.#appendParts(done);
    if (done.rejected.length > 0) await this.#append(REJECTED, done.rejected);
    for (const { file, bytes } of kept) await this.#append(file, bytes);
    // Their rows are read until the journal has its line; from then on, the next ones replace them.
    for (const file of emptied) this.#lengths[file] = 0;
    const hasRows = done.parts.length > 0;
    const { inputs } = done;
    const entry: JournalEntry = { ...progressed, inputs, lengths: { ...this.#lengths }, hasRows };
    if (groups.length > 0) entry.joined = groups;
    Object.assign(entry, metaOf(done));
    await reported(this.#plan.name, () => this.#journal.add(entry));
  }

  /** Writes the last bytes and closes the files; they are then complete, in the folder. */
  async complete(): Promise<void> {
    if (!this.#state?.finished) {
      await reported(this.#plan.name, () => this.#writeLast());
      await reported(this.#plan.name, () => this.#journal.finish());
    }
    await this.close();
  }

  /** Closes the files, complete or not. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#files.clear();
    await this.#journal.close().catch(() => {});
  }

  async #appendGroups(groups: readonly EncodedBatch[]): Promise<JoinedRows[]> {
    const appended: JoinedRows[] = [];
    for (const group of groups) {
      await this.#appendParts(group);
      appended.push({ lengths: { ...this.#lengths }, ...metaOf(group) });
    }
    return appended;
  }

  async #appendParts({ parts }: EncodedBatch): Promise<void> {
    for (const { file, bytes } of parts) await this.#append(file, bytes);
  }

  async #append(name: string, bytes: Uint8Array): Promise<void> {
    const at = this.#lengths[name] ?? 0;
    await reported(this.#plan.name, () => writeAt(this.#files, name, bytes, at));
    this.#lengths[name] = at + bytes.length;
  }

  /** The rows that still wait, and what the format ends with: until the end of the journal, bytes beyond its lengths. */
  async #writeLast(): Promise<void> {
    let starts = { ...this.#lengths };
    const last: WrittenBatch[] = [];
    for (const { meta, lengths } of await this.#appendGroups(await this.#waiting.end())) {
      last.push({ meta, starts });
      starts = lengths;
    }
    const { layout } = this.#plan;
    for await (const { file, bytes, atStart } of layout.finish(this.#written(starts, last))) {
      if (atStart) await writeAt(this.#files, file, bytes, 0);
      else await this.#append(file, bytes);
    }
    for (const file of this.#files.values()) await flushed(file);
  }

  #written(lengths: Record<string, number>, last: readonly WrittenBatch[]): Written {
    const journal = this.#journal;
    return {
      async *batches() {
        yield* journal.batches();
        yield* last;
      },
      lengthOf: (file) => lengths[file] ?? 0,
      read: (file) => createReadStream(join(this.#plan.folder, file)),
    };
  }
}

async function openFiles({ folder, name, layout }: PartPlan, flags: string) {
  const names = [...layout.files.map(({ file }) => file), ...WaitingRows.filesOf(layout), REJECTED];
  const opened = names.map(async (each) => [each, await open(join(folder, each), flags)] as const);
  return new Map(await reported(name, () => Promise.all(opened)));
}

/** The rows that wait; behind them in their files are others that waited no more. */
async function waitingIn(
  { folder, layout }: PartPlan,
  lengths: Readonly<Record<string, number>>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const read = WaitingRows.filesOf(layout).map(async (file) => {
    const bytes = await readFile(join(folder, file));
    return [file, owned(bytes.subarray(0, lengths[file] ?? 0))] as const;
  });
  return new Map(await Promise.all(read));
}

function metaOf({ meta }: EncodedBatch): Pick<JournalEntry, "meta"> {
  return meta === undefined ? {} : { meta };
}

async function writeAt(
  files: ReadonlyMap<string, FileHandle>,
  name: string,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  const file = files.get(name);
  if (!file) throw new Error(`the layout has no file ${name}`);
  let done = 0;
  while (done < bytes.length) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Reports a failed write with its path and what remains. */
async function reported<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    throw new CommandError(
      `${path} could not be written: ${error.message}; finished batches are kept, and --resume continues`,
    );
  }
}
