/** The inputs of commands that read conversations and rendered rows alike. */

import { posix } from "node:path";
import { UsageError } from "../exit.ts";
import { META_EXTENSION } from "../formats/meta-file.ts";
import { inputFiles } from "../input/inputs.ts";
import { REJECTED_FOLDER } from "../shards/names.ts";
import { isBelow, isManifest, isPart, outputFolders } from "../shards/output-folders.ts";
import type { InputFile } from "../storage/input-file.ts";

/**
 * The files with rows; without any, stdin. Of the output folder of a run,
 * wherever it is, those are its parts, and neither its manifests nor its rejected rows.
 */
export async function rowInputs(names: readonly string[]): Promise<InputFile[]> {
  const found = await inputFiles(names.length === 0 ? ["-"] : names);
  const foundNames = found.map(({ name }) => name);
  const beside = new Set(
    outputFolders(foundNames).flatMap((folder) => besideRows(foundNames, folder)),
  );
  const files = found.filter(({ name }) => !beside.has(name));
  if (files.length > 0) return files;
  throw new UsageError(
    `${names.join(" ")}: the parts have numbers end to end; expected parts with rows, as of Parquet, Arrow or JSON lines`,
  );
}

/** What a run wrote into its folder beside the rows of its parts. */
function besideRows(names: readonly string[], folder: string): string[] {
  const own = names.filter((name) => isBelow(name, folder));
  return own.filter((name) => isManifest(name) || isRejected(name) || isMetadata(name));
}

function isRejected(name: string): boolean {
  return isPart(name) && posix.basename(posix.dirname(name)) === REJECTED_FOLDER;
}

function isMetadata(name: string): boolean {
  return isPart(name) && name.endsWith(META_EXTENSION);
}
