/** The inputs of a run: all files, the portion that this run reads, and their identity. */

import { createHash } from "node:crypto";
import { UsageError } from "../exit.ts";
import { inputFiles } from "../input/inputs.ts";
import { outputFolders } from "../shards/output-folders.ts";
import { HashedFile } from "../storage/hashed-file.ts";
import type { InputFile } from "../storage/input-file.ts";
import { type Portion, portionOf } from "../storage/share.ts";
import type { RenderPlan, Weight } from "./plan.ts";

/** The inputs of a run. */
export interface RunInputs {
  /** Every file that the arguments name, for all shares together. */
  all: readonly InputFile[];
  /** How the input is divided, and whether this run takes a batch. */
  portion: Portion;
  /** The files that this run reads, in their order. */
  files: readonly HashedFile[];
  /** How often the rows of a file appear, by its id; once if it is not there. */
  weights: ReadonlyMap<string, number>;
}

/** Finds the inputs of a plan. */
export async function runInputs({ inputs, shards, shuffle }: RenderPlan): Promise<RunInputs> {
  const all = await inputFiles(inputs);
  refuseRendered(all);
  const weights = await weightsOf(all, shuffle?.weights ?? []);
  const portion = portionOf(all, shards?.share);
  return { all, portion, files: portion.files.map((file) => new HashedFile(file)), weights };
}

/** The rows of an output folder are ids, and its manifest is JSON that has no conversation. */
function refuseRendered(files: readonly InputFile[]): void {
  const [folder] = outputFolders(files.map(({ name }) => name));
  if (folder === undefined) return;
  throw new UsageError(
    `${folder}/ is the output folder of a run, and its rows are rendered already: harmony count, stats and verify read it, other programs read its part-* files; give render the conversations alone`,
  );
}

async function weightsOf(
  all: readonly InputFile[],
  given: readonly Weight[],
): Promise<Map<string, number>> {
  const ids = new Set(all.map(({ id }) => id));
  const weights = new Map<string, number>();
  for (const { inputs, weight } of given) {
    for (const { id, name } of await inputFiles([inputs])) {
      const fault = !ids.has(id) ? "is not an input" : weights.has(id) ? "has two weights" : "";
      if (fault) throw new UsageError(`--weight ${inputs}=${weight}: ${name} ${fault}`);
      weights.set(id, weight);
    }
  }
  return weights;
}

/** The identity of inputs, by which a resumed run recognises them. */
export function identityOfInputs({ all }: RunInputs): unknown {
  const [first] = all;
  if (first && all.length === 1) return identityOfFile(first);
  return { files: all.length, bytes: bytesOf(all), sha256: digestOf(all.map(identityOfFile)) };
}

/** The digest of all names and sizes: the same for every share on every machine. */
export function inputsDigest({ all }: RunInputs): string {
  return digestOf(all.map(({ name, size }) => [name, size ?? null]));
}

function identityOfFile({ name, size, version }: InputFile): unknown {
  return { path: name, ...(size !== undefined && { size }), ...(version && { version }) };
}

function bytesOf(files: readonly InputFile[]): number {
  return files.reduce((sum, { size }) => sum + (size ?? 0), 0);
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
