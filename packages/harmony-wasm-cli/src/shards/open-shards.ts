/** Begins, continues or refuses a run into an output folder. */

import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../exit.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { type Existing, refuseOther } from "../sinks/partial-sink.ts";
import type { Lock } from "../storage/destination.ts";
import type { Manifest } from "./manifest.ts";
import { isPartOf, manifestName, runName, shareOfManifest } from "./names.ts";
import { PartsLog } from "./parts-log.ts";
import { ShardSink, type ShardTarget } from "./shard-sink.ts";

const LOG = "parts.jsonl";

/** Opens the sink for a folder, new or continued; fails while another such run writes to it. */
export async function openShardSink(
  target: ShardTarget,
  run: RunIdentity,
  existing: Existing,
): Promise<ShardSink> {
  const { destination, share } = target;
  const lock = await destination.lock(runName(share));
  try {
    return await openLocked(target, run, existing, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(
  target: ShardTarget,
  run: RunIdentity,
  existing: Existing,
  lock: Lock,
): Promise<ShardSink> {
  const { destination, share } = target;
  const work = destination.workFolder(runName(share));
  if (existing.resume) {
    const log = await PartsLog.resume(join(work, LOG));
    if (log) {
      refuseOther(destination.name, run, log.run);
      return ShardSink.open(target, work, log, lock);
    }
    await rm(work, { recursive: true, force: true });
  }
  if (existing.overwrite) await removeRun(target, work);
  await refuseExisting(target, work);
  await mkdir(work, { recursive: true });
  return ShardSink.open(target, work, await PartsLog.create(join(work, LOG), run), lock);
}

/** The manifest goes first: without it, the parts that are left are not a finished run. */
async function removeRun(target: ShardTarget, work: string): Promise<void> {
  const { destination, share, splits } = target;
  const listed = await manifestNames(target);
  const names = await destination.names();
  const mine = names.filter((name) => listed.has(name) || isPartOf(share, splits, name));
  await destination.remove(manifestName(share));
  for (const name of mine) await destination.remove(name);
  await rm(work, { recursive: true, force: true });
}

/** The files of a finished run, whose splits may have other names than those of this run. */
async function manifestNames({ destination, share }: ShardTarget): Promise<Set<string>> {
  const text = await destination.read(manifestName(share));
  if (text === undefined) return new Set();
  const { parts }: Manifest = JSON.parse(text);
  return new Set(parts.flatMap(({ path, files }) => [path, ...files.map((each) => each.path)]));
}

async function refuseExisting(
  { destination, share, splits }: ShardTarget,
  work: string,
): Promise<void> {
  const { name: folder } = destination;
  if (existsSync(work)) {
    throw new UsageError(
      `${folder} has an unfinished run, ${work}: --resume continues it, --overwrite starts over`,
    );
  }
  const names = await destination.names();
  const there = names.find((name) => name === manifestName(share) || isPartOf(share, splits, name));
  if (there) throw new UsageError(`${folder} has ${there} already; --overwrite replaces the run`);
  const other = names.find((name) => {
    const of = shareOfManifest(name);
    return of !== false && of?.of !== share?.of;
  });
  if (other) {
    throw new UsageError(
      `${folder} has ${other}, of a run that was divided differently; choose another folder, so that no row is there twice`,
    );
  }
}

/** The text of the manifest of a run that has finished. */
export function finishedManifest({
  destination,
  share,
}: Pick<ShardTarget, "destination" | "share">): Promise<string | undefined> {
  return destination.read(manifestName(share));
}

/** Deletes the work folder of a run that was killed after its manifest was published. */
export async function clearFinishedShards({
  destination,
  share,
}: Pick<ShardTarget, "destination" | "share">): Promise<void> {
  const work = destination.workFolder(runName(share));
  if (!existsSync(work)) return;
  const lock = await destination.lock(runName(share));
  try {
    await rm(work, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
