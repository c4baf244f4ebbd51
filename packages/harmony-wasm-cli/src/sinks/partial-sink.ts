/**
 * Output files that exist whole or not at all. They are written in
 * `<out>.partial/` with a journal, and renamed when they are complete; a stopped
 * run continues from the journal.
 */

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../exit.ts";
import { hasCode } from "../files/write-all.ts";
import type { Layout } from "../formats/format.ts";
import type { RunIdentity } from "./journal.ts";
import { OutputLock } from "./output-lock.ts";
import { JOURNAL, PartWriter, REJECTED } from "./part-writer.ts";
import { keepRun } from "./run-file.ts";
import type { DoneBatch, Progressed, Sink } from "./sink.ts";

/** Whether existing output files are an error, replaced, or continued. */
export interface Existing {
  resume: boolean;
  overwrite: boolean;
}

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
  const { path, layout } = target;
  const folder = `${path}.partial`;
  const plan = { folder, name: path, layout };
  if (existing.resume) {
    const writer = await PartWriter.resume(plan);
    if (writer) {
      refuseOther(path, run, writer.run);
      return new PartialSink(target, writer);
    }
  }
  if (existing.overwrite) await rm(folder, { recursive: true, force: true });
  refuseExisting(folder, layout, existing);
  return new PartialSink(target, await PartWriter.create(plan, run));
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

/** One part, whose files are renamed when they are complete. */
export class PartialSink implements Sink {
  readonly #target: Target;
  readonly #writer: PartWriter;

  constructor(target: Target, writer: PartWriter) {
    this.#target = target;
    this.#writer = writer;
  }

  get folder(): string {
    return `${this.#target.path}.partial`;
  }

  get isComplete(): boolean {
    return this.#writer.isComplete;
  }

  get resumed(): Progressed | undefined {
    return this.#writer.resumed;
  }

  add(done: DoneBatch, progressed: Progressed): Promise<void> {
    return this.#writer.add(done, progressed);
  }

  async finish(): Promise<void> {
    await this.#writer.complete();
    await this.#nameFiles();
    await rm(`${this.#target.path}.partial`, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#target.lock.release();
  }

  /** The file that the user named is renamed last: when it exists, all do. */
  async #nameFiles(): Promise<void> {
    const { path, layout } = this.#target;
    const folder = `${path}.partial`;
    const rejected = rejectedPath(path);
    if (this.#writer.lengthOf(REJECTED) > 0) await renamed(join(folder, REJECTED), rejected);
    else await rm(rejected, { force: true });
    const main = layout.files.find((each) => each.path === path);
    await keepRun(path, this.#writer.run, join(folder, main?.file ?? ""));
    for (const { file, path: final } of layout.files.toReversed()) {
      if (final !== "") await renamed(join(folder, file), final);
    }
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
