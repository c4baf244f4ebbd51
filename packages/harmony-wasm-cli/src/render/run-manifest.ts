/** The manifest of a run into a folder. */

import {
  conversationsByInput,
  type ManifestInput,
  manifestOf,
  manifestText,
} from "../shards/manifest.ts";
import type { PartRecord } from "../shards/parts-log.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import type { JobFile } from "./job.ts";
import type { ShardOptions } from "./plan.ts";
import { inputsDigest, type RunInputs } from "./run-inputs.ts";

interface FinishedRun {
  parts: readonly PartRecord[];
  run: RunIdentity;
  shards: ShardOptions;
  files: readonly JobFile[];
  inputs: RunInputs;
}

/** The text of the manifest. */
export async function manifestTextOf(finished: FinishedRun): Promise<string> {
  const { parts, run, shards, inputs } = finished;
  const { share, size } = shards;
  const shard = share && { ...share, by: inputs.portion.by };
  const context = { shard, shardSize: size.text, inputsSha256: inputsDigest(inputs), run };
  return manifestText(manifestOf(parts, { ...context, inputs: await manifestInputs(finished) }));
}

async function manifestInputs({ parts, files, inputs }: FinishedRun): Promise<ManifestInput[]> {
  const conversations = conversationsByInput(parts);
  const listed: ManifestInput[] = [];
  for (const [index, file] of inputs.files.entries()) {
    listed.push({
      path: file.name,
      bytes: file.size ?? null,
      sha256: (await file.sha256()) ?? null,
      shape: files[index]?.shape ?? "harmony",
      weight: inputs.weights.get(file.id) ?? 1,
      conversations: conversations.get(index) ?? 0,
    });
  }
  return listed;
}
