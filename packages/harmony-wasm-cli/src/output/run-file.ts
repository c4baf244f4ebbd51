/**
 * `.<out>.run.json`: what a finished output was made of, so that `--resume`
 * can tell it from another run's. Not in the output itself, whose bytes do not
 * depend on where its input lay; its name begins with a dot, so that readers
 * of a whole folder pass it by.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../exit.ts";
import type { RunIdentity } from "../files/journal.ts";

interface RunFile {
  run: RunIdentity;
  /** The output's size: a file that something else has put there is not the run's. */
  bytes: number;
}

function runPath(output: string): string {
  return join(dirname(output), `.${basename(output)}.run.json`);
}

/** Keeps what an output is made of, whose bytes are in `partial` until it has its name. */
export async function keepRun(output: string, run: RunIdentity, partial: string): Promise<void> {
  const { size } = await stat(partial).catch(() => stat(output));
  const kept: RunFile = { run, bytes: size };
  await writeFile(runPath(output), `${JSON.stringify(kept)}\n`);
}

/** What a finished output was made of. */
export function finishedRun(output: string): RunIdentity {
  const path = runPath(output);
  const kept: RunFile | undefined = existsSync(path)
    ? JSON.parse(readFileSync(path, "utf8"))
    : undefined;
  if (kept?.bytes === statSync(output).size) return kept.run;
  throw new UsageError(
    `--resume: ${output} is there, and what it was made of is not known (${path} says it); --overwrite starts anew`,
  );
}
