/**
 * One file of the input, wherever it is stored. Every store lists its files and
 * reads their bytes; formats and compressions are detected above it, in input/.
 */

import { posix } from "node:path";

/** A file to be read: its identity, and its bytes. */
export interface InputFile {
  /** The name in messages, manifests and rejected lines. */
  readonly name: string;
  /** The same for every name of one file: arguments that overlap are found by it. */
  readonly id: string;
  /** Its size in bytes; undefined for a stream. */
  readonly size: number | undefined;
  /** Changes when the content does: a time of modification, or an ETag. */
  readonly version: string | undefined;
  /** Whether it can be read only once, as stdin and pipes. */
  readonly isStream: boolean;
  /** Whether reading it again costs nothing but time. */
  readonly isLocal: boolean;
  /** The bytes from `start` to the end. */
  read: (start: number) => AsyncIterable<Uint8Array>;
  /** The file for readers that begin at its end, as those of Parquet do; never called for a stream. */
  blob: () => Promise<Blob>;
}

/** A place that holds input files. */
export interface InputStore {
  /** Whether an argument of the command line belongs to this store. */
  holds: (argument: string) => boolean;
  /**
   * The files that an argument means: the file itself, the files of a folder
   * that have rows, or the matches of a glob, sorted by the bytes of their names.
   * Fails if a plain name does not exist; returns nothing if nothing matches.
   */
  list: (argument: string) => Promise<InputFile[]>;
}

/** The names of files with rows, as folders contain them; other names are left out. */
const ROWS = /\.(?:parquet|arrows?|feather|ipc|(?:jsonl|ndjson|json)(?:\.(?:gz|zst|bz2|xz))?)$/i;

/** Folders with the unfinished files of a run, which lie beside its output. */
const UNFINISHED = /\.partial(?:\.shuffle)?$/;

/** Of the paths in a folder, those of files with rows. */
export function pathsWithRows(paths: readonly string[]): Set<string> {
  const all = new Set(paths);
  return new Set(paths.filter((path) => hasRowsByName(path) && !isDescription(path, all)));
}

/** Whether a file describes the Arrow files beside it, as `save_to_disk` of `datasets` writes it. */
function isDescription(path: string, all: ReadonlySet<string>): boolean {
  const name = posix.basename(path);
  if (name === "dataset_dict.json" || name === "dataset_info.json") return true;
  return name === "state.json" && all.has(posix.join(posix.dirname(path), "dataset_info.json"));
}

/** Whether a file of a folder has rows, by its extension. Hidden and unfinished files have none. */
function hasRowsByName(path: string): boolean {
  const parts = path.split("/");
  return ROWS.test(path) && !parts.some((part) => part.startsWith(".") || UNFINISHED.test(part));
}

/** Sorts by the bytes of the names, as `LC_ALL=C sort` does, so that no locale matters. */
export function sortedByName<T extends { name: string }>(files: readonly T[]): T[] {
  return files.toSorted((one, other) =>
    Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)),
  );
}
