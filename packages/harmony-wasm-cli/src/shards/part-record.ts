/** The record of a part whose files are complete: their sizes and hashes, and the counts. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ConversationsByFile, Counts } from "../rows/counts.ts";
import type { Position } from "../rows/position.ts";
import { type PartPlan, type PartWriter, REJECTED } from "../sinks/part-writer.ts";
import { rejectedName } from "./names.ts";
import type { PartFile, PartRecord } from "./parts-log.ts";

/** A complete part, in its folder. */
interface CompletePart {
  plan: PartPlan;
  /** Its name, without an extension. */
  part: string;
  number: number;
  writer: PartWriter;
  counts: Counts;
  end: Position;
}

/** Reads the files of a part for their hashes, and its journal for its inputs. */
export async function recordOf(complete: CompletePart): Promise<PartRecord> {
  const { plan, part, number, writer, counts, end } = complete;
  const named = plan.layout.files.filter(({ path }) => path !== "");
  const files: PartFile[] = [];
  for (const { file, path } of named) files.push(await fileOf(plan.folder, file, path));
  const rejected =
    writer.lengthOf(REJECTED) > 0
      ? { rejected: await fileOf(plan.folder, REJECTED, rejectedName(part)) }
      : {};
  return { number, files, ...rejected, counts, inputs: await inputsOf(writer), end };
}

async function fileOf(folder: string, file: string, path: string): Promise<PartFile> {
  const local = join(folder, file);
  const { size: bytes } = await stat(local);
  return { file, path, bytes, sha256: await sha256Of(createReadStream(local)) };
}

/** The SHA-256 of a file's bytes. */
export async function sha256Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** The conversations of each file, summed over the batches of the part. */
async function inputsOf(writer: PartWriter): Promise<ConversationsByFile> {
  const sums = new Map<number, number>();
  for await (const { entry } of writer.entries()) {
    for (const [file, conversations] of entry.inputs) {
      sums.set(file, (sums.get(file) ?? 0) + conversations);
    }
  }
  return [...sums].toSorted(([one], [other]) => one - other);
}
