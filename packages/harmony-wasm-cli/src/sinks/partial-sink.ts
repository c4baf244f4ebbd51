/**
 * Output files that exist whole or not at all. They are written in
 * `<out>.partial/` with a journal, and renamed when they are complete; a stopped
 * run continues from the journal.
 */

import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, UsageError } from "../exit.ts";
import { hasCode } from "../files/write-all.ts";
import type { Layout, Written } from "../formats/format.ts";
import { Journal, type JournalEntry, type JournalState, type RunIdentity } from "./journal.ts";
import { OutputLock } from "./output-lock.ts";
import { keepRun } from "./run-file.ts";
import type { DoneBatch, Progressed, Sink } from "./sink.ts";

/** Whether existing output files are an error, replaced, or continued. */
export interface Existing {
  resume: boolean;
  overwrite: boolean;
}

const REJECTED = "rejected";
const JOURNAL = "journal.jsonl";

/** The path of the rejected rows of an output. */
export function rejectedPath(output: string): string {
  return `${output}.rejected.jsonl`;
}

/** Whether an earlier run has finished: its output exists, and no file waits to be renamed. */
export function isFinished(path: string): boolean {
  return existsSync(path) && !existsSync(join(`${path}.partial`, JOURNAL));
}

/** Deletes the `.partial/` of a run that was killed after all its files were renamed. */
export async function clearFinished(path: string): Promise<void> {
  const folder = `${path}.partial`;
  if (!existsSync(folder)) return;
  const lock = await OutputLock.take(path);
  try {
    if (isFinished(path)) await rm(folder, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

/** Opens the sink for `path`, new or continued; fails while another run writes to `path`. */
export async function openPartialSink(
  path: string,
  layout: Layout,
  run: RunIdentity,
  existing: Existing,
): Promise<PartialSink> {
  if (path.endsWith("/")) throw new UsageError(`--output ${path} is a folder`);
  const lock = await OutputLock.take(path);
  try {
    return await openLocked({ path, layout, lock }, run, existing);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(
  target: Target,
  run: RunIdentity,
  existing: Existing,
): Promise<PartialSink> {
  const folder = `${target.path}.partial`;
  if (existing.resume) {
    const resumed = await Journal.resume(join(folder, JOURNAL));
    if (resumed) return PartialSink.resume(target, run, resumed);
    await rm(folder, { recursive: true, force: true });
  }
  if (existing.overwrite) await rm(folder, { recursive: true, force: true });
  refuseExisting(folder, target.layout, existing);
  return PartialSink.create(target, run);
}

function refuseExisting(folder: string, layout: Layout, { overwrite }: Existing) {
  if (existsSync(folder)) {
    throw new UsageError(
      `${folder} exists: an earlier run was stopped; --resume continues it, --overwrite starts over`,
    );
  }
  const there = layout.files.find((file) => file.path !== "" && existsSync(file.path));
  if (there && !overwrite) throw new UsageError(`${there.path} exists; --overwrite replaces it`);
}

/** An output whose lock this process holds. */
interface Target {
  path: string;
  layout: Layout;
  lock: OutputLock;
}

/** Files in a folder, a journal beside them. */
export class PartialSink implements Sink {
  readonly #path: string;
  readonly #layout: Layout;
  readonly #lock: OutputLock;
  readonly #journal: Journal;
  readonly #files: Map<string, FileHandle>;
  readonly #lengths: Record<string, number>;
  readonly #state: JournalState | undefined;

  private constructor(
    { path, layout, lock }: Target,
    journal: Journal,
    files: Map<string, FileHandle>,
    lengths: Record<string, number>,
    state?: JournalState,
  ) {
    this.#path = path;
    this.#layout = layout;
    this.#lock = lock;
    this.#journal = journal;
    this.#files = files;
    this.#lengths = { ...lengths };
    this.#state = state;
  }

  static async create(target: Target, run: RunIdentity): Promise<PartialSink> {
    const { path, layout } = target;
    const folder = `${path}.partial`;
    await reported(folder, () => mkdir(folder));
    const files = await openFiles(folder, layout, "w+");
    const lengths = Object.fromEntries(Array.from(files.keys(), (name) => [name, 0]));
    for (const { file, bytes } of layout.heads) {
      await reported(folder, () => writeAt(files, file, bytes, 0));
      lengths[file] = bytes.length;
    }
    const journal = await Journal.create(join(folder, JOURNAL), run, lengths);
    return new PartialSink(target, journal, files, lengths);
  }

  static async resume(
    target: Target,
    run: RunIdentity,
    { journal, state }: { journal: Journal; state: JournalState },
  ): Promise<PartialSink> {
    const { path, layout } = target;
    refuseOther(path, run, state.run);
    const folder = `${path}.partial`;
    const files = state.finished
      ? new Map<string, FileHandle>()
      : await openFiles(folder, layout, "r+");
    for (const [name, file] of files) await file.truncate(state.lengths[name] ?? 0);
    return new PartialSink(target, journal, files, state.lengths, state);
  }

  get resumed(): Progressed | undefined {
    return this.#state?.last;
  }

  /** Whether an earlier run wrote everything and only the renames are left. */
  get #isFinished(): boolean {
    return this.#state?.finished ?? false;
  }

  async add(done: DoneBatch, progressed: Progressed): Promise<void> {
    for (const { file, bytes } of done.parts) await this.#append(file, bytes);
    if (done.rejected.length > 0) await this.#append(REJECTED, done.rejected);
    const hasRows = done.parts.length > 0;
    const entry: JournalEntry = { ...progressed, lengths: { ...this.#lengths }, hasRows };
    if (done.meta !== undefined) entry.meta = done.meta;
    await reported(this.#path, () => this.#journal.add(entry));
  }

  async finish(): Promise<void> {
    if (!this.#isFinished) {
      await reported(this.#path, () => this.#writeLast());
      await reported(this.#path, () => this.#journal.finish());
    }
    await this.#closeFiles();
    await this.#nameFiles();
    await rm(`${this.#path}.partial`, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#closeFiles();
    this.#lock.release();
  }

  async #closeFiles(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#files.clear();
    await this.#journal.close().catch(() => {});
  }

  async #append(name: string, bytes: Uint8Array): Promise<void> {
    const at = this.#lengths[name] ?? 0;
    await reported(this.#path, () => writeAt(this.#files, name, bytes, at));
    this.#lengths[name] = at + bytes.length;
  }

  async #writeLast(): Promise<void> {
    const committed = { ...this.#lengths };
    for await (const { file, bytes, atStart } of this.#layout.finish(this.#written(committed))) {
      if (atStart) await writeAt(this.#files, file, bytes, 0);
      else await this.#append(file, bytes);
    }
    for (const file of this.#files.values()) await file.datasync();
  }

  #written(lengths: Record<string, number>): Written {
    return {
      batches: () => this.#journal.batches(),
      lengthOf: (file) => lengths[file] ?? 0,
      read: (file) => createReadStream(join(`${this.#path}.partial`, file)),
    };
  }

  /** The file that the user named is renamed last: when it exists, all do. */
  async #nameFiles(): Promise<void> {
    const folder = `${this.#path}.partial`;
    const rejected = rejectedPath(this.#path);
    if ((this.#lengths[REJECTED] ?? 0) > 0) await renamed(join(folder, REJECTED), rejected);
    else await rm(rejected, { force: true });
    const main = this.#layout.files.find(({ path }) => path === this.#path);
    await keepRun(this.#path, this.#journal.run, join(folder, main?.file ?? ""));
    for (const { file, path } of this.#layout.files.toReversed()) {
      if (path !== "") await renamed(join(folder, file), path);
    }
  }
}

async function openFiles(folder: string, layout: Layout, flags: string) {
  const names = [...layout.files.map(({ file }) => file), REJECTED];
  const opened = names.map(async (name) => [name, await open(join(folder, name), flags)] as const);
  return new Map(await reported(folder, () => Promise.all(opened)));
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

/** Renames a file, unless an earlier run has already done so. */
async function renamed(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT") || !existsSync(to)) throw error;
  });
}

/** Refuses to resume a run with another input, other options or another version. */
export function refuseOther(path: string, run: RunIdentity, before: RunIdentity): void {
  for (const part of ["input", "options", "software"] as const) {
    if (JSON.stringify(run[part]) === JSON.stringify(before[part])) continue;
    throw new UsageError(
      `--resume: ${path} was started with different ${part}: ${JSON.stringify(before[part])}, now ${JSON.stringify(run[part])}`,
    );
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
