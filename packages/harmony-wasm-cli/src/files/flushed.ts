/** Waits until what was written to a file is on the disk, and not in the system's memory. */

import { fdatasync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";

const byDescriptor = promisify(fdatasync);

/** `datasync` of the handle, which Yarn's Plug'n'Play replaces by one that throws. */
export function flushed(file: FileHandle): Promise<void> {
  return byDescriptor(file.fd);
}
