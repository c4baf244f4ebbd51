/** Input files of this machine: names, folders and globs, and stdin. */

import { type BigIntStats, createReadStream, openAsBlob, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { CommandError } from "../exit.ts";
import { hasCode } from "../files/write-all.ts";
import { type InputFile, type InputStore, pathsWithRows, sortedByName } from "./input-file.ts";

const CHUNK_BYTES = 1024 * 1024;
const LEAST_CHUNK_BYTES = 4 * 1024;

/** The standard input, which has no identity. */
export const STDIN: InputFile = {
  name: "-",
  id: "-",
  size: undefined,
  version: undefined,
  isStream: true,
  isLocal: true,
  read: () => process.stdin,
  blob: refuseBlob,
};

/** The file system. It holds every argument that no other store does. */
export const LOCAL_FILES: InputStore = { holds: () => true, list: localFiles };

/** The file of a path, or stdin for "-". */
export async function localFile(path: string): Promise<InputFile> {
  if (path === "-") return STDIN;
  return fileOf(path, await statsOf(path));
}

async function localFiles(argument: string): Promise<InputFile[]> {
  const stats = await stat(argument, { bigint: true }).catch(() => undefined);
  if (stats?.isDirectory()) return filesAt(namesIn(argument));
  if (stats) return [fileOf(argument, stats)];
  const names = await matchesOf(argument);
  if (names) return filesAt(names);
  return [await localFile(argument)]; // Fails, and says why.
}

/** The matches of a glob; undefined for a plain name. */
async function matchesOf(pattern: string): Promise<string[] | undefined> {
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(pattern)) return undefined;
  const matches = await glob(pattern, { expandDirectories: false, absolute: isAbsolute(pattern) });
  return matches;
}

function namesIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return Array.from(pathsWithRows(paths), (path) => join(folder, path));
}

async function filesAt(names: readonly string[]): Promise<InputFile[]> {
  const files = names.map(async (name) => fileOf(name, await statsOf(name)));
  return sortedByName(await Promise.all(files));
}

async function statsOf(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new CommandError(`${path} does not exist`);
    throw unreadable(path, error);
  }
}

function fileOf(path: string, stats: BigIntStats): InputFile {
  const isStream = stats.isFIFO() || stats.isCharacterDevice();
  const chunkBytes = chunkBytesFor(Number(stats.size));
  return {
    name: path,
    id: `${stats.dev}:${stats.ino}`,
    size: isStream ? undefined : Number(stats.size),
    version: isStream ? undefined : String(Number(stats.mtimeNs) / 1e6),
    isStream,
    isLocal: true,
    read: (start) => bytesOf(path, isStream ? {} : { start, highWaterMark: chunkBytes }),
    blob: () => openAsBlob(path),
  };
}

/** A chunk is allocated whole: of thousands of small files, it would keep the collector busy. */
function chunkBytesFor(size: number): number {
  return Math.min(CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, size + 1));
}

async function* bytesOf(path: string, options: { start?: number; highWaterMark?: number }) {
  try {
    yield* createReadStream(path, options) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): CommandError {
  return new CommandError(
    `${path} could not be read: ${error instanceof Error ? error.message : error}`,
  );
}

function refuseBlob(): never {
  throw new Error("a stream has no blob");
}
