/** Output folders of ours among input files: a manifest, and parts beside it or below. */

import { posix } from "node:path";
import { shareOfManifest } from "./names.ts";

/** The folders of these files that have both a manifest and parts. */
export function outputFolders(names: readonly string[]): string[] {
  const folders = names.filter(isManifest).map((name) => posix.dirname(name));
  return [...new Set(folders)].filter((folder) =>
    names.some((name) => isBelow(name, folder) && isPart(name)),
  );
}

/** Whether a file is in a folder, or in one of its folders. */
export function isBelow(name: string, folder: string): boolean {
  return folder === "." || name.startsWith(`${folder}/`);
}

/** Whether a file is the manifest of a run, by its name. */
export function isManifest(name: string): boolean {
  return shareOfManifest(posix.basename(name)) !== false;
}

/** Whether a file belongs to a part, by its name. */
export function isPart(name: string): boolean {
  return posix.basename(name).startsWith("part-");
}
