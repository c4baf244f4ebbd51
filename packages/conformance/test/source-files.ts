/** The files of the repository that the tests of its structure read. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Installed and written folders. Other tests write to folders that begin with a dot, and remove
 * them, meanwhile.
 */
const NOT_OURS = /^(?:\..*|node_modules|dist|generated|target|pkg|projects|bundle)$/;

/** The files below a folder of the repository, by their names and from the root; a file is itself. */
export function sourceFiles(path: string, name: RegExp): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return sourceFiles(inside, name);
    return name.test(entry.name) ? [inside] : [];
  });
}
