/**
 * `.<out>.run.json`: the identity of the run that made a finished output, so that
 * `--resume` recognises it. It is not in the output itself, whose bytes do not
 * depend on the path of the input; its name begins with a dot, so that readers of
 * a whole folder skip it.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../exit.ts";
import type { RunIdentity } from "./journal.ts";

interface RunFile {
  run: RunIdentity;
  /** The size of the output: a file of another size comes from something else. */
  bytes: number;
}

/** The name of the run file beside an output of this name. */
export function runFileName(output: string): string {
  return `.${output}.run.json`;
}

function runPath(output: string): string {
  return join(dirname(output), runFileName(basename(output)));
}

/** Writes the run file of an output whose bytes are in `partial` until it is renamed. */
export async function keepRun(output: string, run: RunIdentity, partial: string): Promise<void> {
  const { size } = await stat(partial).catch(() => stat(output));
  const kept: RunFile = { run, bytes: size };
  await writeFile(runPath(output), `${JSON.stringify(kept)}\n`);
}

/** The run that made a finished output. */
export function finishedRun(output: string): RunIdentity {
  const path = runPath(output);
  const text = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  return recordedRun(output, text, statSync(output).size);
}

/** The run in the text of a run file, if it is of an output of this size. */
export function recordedRun(
  output: string,
  text: string | undefined,
  bytes: number | undefined,
): RunIdentity {
  const kept: RunFile | undefined = text === undefined ? undefined : JSON.parse(text);
  if (kept?.bytes === bytes && kept !== undefined) return kept.run;
  const name = runFileName(basename(output));
  throw new UsageError(
    `--resume: ${output} exists, but the record of its run, ${name} beside it, is missing or does not match it; --overwrite starts over`,
  );
}
