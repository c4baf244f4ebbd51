/** Whether a name is a folder, a file or nothing. */

import { statSync } from "node:fs";

/** Whether a path is a folder. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
