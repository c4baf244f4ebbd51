/** Compares files by device and inode, so names and links do not matter. */

import { fstatSync, statSync } from "node:fs";
import { UsageError } from "../exit.ts";

const STDIN = 0;
const BIGINT = { bigint: true } as const;

/** Refuses a run that would replace its own input, under any name or on stdin. */
export function refuseInputAsOutput(input: string, outputs: readonly string[]): void {
  const read = input === "-" ? fstatSync(STDIN, BIGINT) : statSync(input, BIGINT);
  if (!read.isFile()) return;
  for (const path of outputs) {
    const written = statSync(path, { ...BIGINT, throwIfNoEntry: false });
    if (written?.dev !== read.dev || written.ino !== read.ino) continue;
    const name = input === "-" ? "stdin" : input;
    throw new UsageError(`--output: ${path} would replace the input, ${name}; choose another path`);
  }
}
