/** A folder of this machine as the destination of finished files. */

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { hasCode } from "../files/write-all.ts";
import type { Destination } from "../storage/destination.ts";
import { OutputLock } from "./output-lock.ts";

/** The destination of a path. Names that begin with a dot are of unfinished runs, and not listed. */
export function localFolder(path: string): Destination {
  return {
    name: path,
    workFolder: (run) => join(path, `.${run}.partial`),
    lock: (run) => OutputLock.take(join(path, run)),
    names: () => namesIn(path),
    read: (name) => readFile(join(path, name), "utf8").catch(unlessMissing),
    publish: (local, name) => published(local, join(path, name)),
    confirm: async () => {}, // The lock keeps other runs away.
    remove: (name) => rm(join(path, name), { force: true }),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = (await readdir(folder, options).catch(unlessMissing)) ?? [];
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith("."));
}

/** A rename never shows half a file, and the folders are on one file system. */
async function published(local: string, path: string): Promise<void> {
  if (!existsSync(dirname(path))) await mkdir(dirname(path), { recursive: true });
  await rename(local, path).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT") || !existsSync(path)) throw error;
  });
}

function unlessMissing(error: unknown): undefined {
  if (!hasCode(error, "ENOENT")) throw error;
}
