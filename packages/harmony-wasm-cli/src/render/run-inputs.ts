/** The inputs of a run: all files, the portion that this run reads, and their identity. */

import { createHash } from "node:crypto";
import { inputFiles } from "../input/inputs.ts";
import { HashedFile } from "../storage/hashed-file.ts";
import type { InputFile } from "../storage/input-file.ts";
import { type Portion, portionOf } from "../storage/share.ts";
import type { RenderPlan } from "./plan.ts";

/** The inputs of a run. */
export interface RunInputs {
  /** Every file that the arguments name, for all shares together. */
  all: readonly InputFile[];
  /** How the input is divided, and whether this run takes a batch. */
  portion: Portion;
  /** The files that this run reads, in their order. */
  files: readonly HashedFile[];
}

/** Finds the inputs of a plan. */
export async function runInputs({ inputs, shards }: RenderPlan): Promise<RunInputs> {
  const all = await inputFiles(inputs);
  const portion = portionOf(all, shards?.share);
  return { all, portion, files: portion.files.map((file) => new HashedFile(file)) };
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
