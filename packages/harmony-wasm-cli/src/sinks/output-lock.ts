/**
 * One run per output. The lock is the operating system's, taken through SQLite
 * on an empty file beside the output: a process that dies in any way releases
 * it, so a lock is never stale and there is nothing to clean up by hand. Node
 * itself has no file locks (24.21).
 */

import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { CommandError, UsageError } from "../exit.ts";

/** `SQLITE_BUSY`: another process holds the lock. */
const BUSY = 5;

/** The lock of one output; held until {@link OutputLock.release} or the end of the process. */
export class OutputLock {
  readonly #path: string;
  readonly #database: DatabaseSync;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /** Takes the lock of `output`; fails at once if another run holds it. */
  static async take(output: string): Promise<OutputLock> {
    const path = join(dirname(output), `.${basename(output)}.lock`);
    await makeParent(output);
    for (;;) {
      const inode = createdInode(path, output);
      const database = await lockedDatabase(path, output);
      // The previous holder may have deleted the file between our two calls.
      if (statSync(path, { throwIfNoEntry: false })?.ino === inode) {
        return new OutputLock(path, database);
      }
      database.close();
    }
  }

  /** Deletes the file while the lock is still held, then releases the lock. */
  release(): void {
    if (!this.#database.isOpen) return;
    rmSync(this.#path, { force: true });
    this.#database.close();
  }
}

/** In /proc and similar file systems, Node's recursive mkdir never returns, so it runs only if needed. */
async function makeParent(output: string): Promise<void> {
  const parent = dirname(output);
  if (statSync(parent, { throwIfNoEntry: false })) return;
  await mkdir(parent, { recursive: true }).catch((error: unknown) => refuseFolder(output, error));
}

function createdInode(path: string, output: string): number {
  try {
    closeSync(openSync(path, "a"));
    return statSync(path, { throwIfNoEntry: false })?.ino ?? -1;
  } catch (error) {
    return refuseFolder(output, error);
  }
}

function refuseFolder(output: string, error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  throw new CommandError(
    `--output: cannot create ${output}: its folder ${dirname(output)} is not writable (${detail})`,
  );
}

async function lockedDatabase(path: string, output: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) {
      throw new UsageError(
        `--output: another run is writing ${output}: wait until it ends, or choose another path`,
      );
    }
    throw new CommandError(
      `--output: cannot lock ${path}: ${error instanceof Error ? error.message : error}; the file system must support file locks`,
    );
  }
}

/** `node:sqlite` warns that it is experimental, on every start, in Node 22 and 24. */
async function loadSqlite(): Promise<typeof import("node:sqlite")> {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return await import("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
