/** Stores finished files: each once, whole, and never over those of another run. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../exit.ts";
import type { Location } from "./location.ts";
import {
  type LocalFile,
  reportedFailure,
  type StoredObject,
  StoreFailure,
  type WritableStore,
} from "./object-store.ts";

/** Pauses before further tries, in milliseconds. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000] as const;

/**
 * Stores a file. The object that may be replaced is the one with the version
 * `known`; any other comes from another run. Returns the stored object.
 */
export async function upload(
  store: WritableStore,
  location: Location,
  path: string,
  known: string | undefined,
): Promise<StoredObject> {
  try {
    const file = await measured(path);
    for (const pause of [...PAUSES_MS, undefined]) {
      const stored = await tried(store, location, file, known).catch((error: unknown) => {
        if (pause === undefined || !isTemporary(error)) throw error;
      });
      if (stored) return stored;
      await sleep(pause);
    }
    throw new Error("the last try returns or fails");
  } catch (error) {
    throw reportedFailure(location, "written", error);
  }
}

async function tried(
  store: WritableStore,
  location: Location,
  file: LocalFile,
  known: string | undefined,
): Promise<StoredObject> {
  const there = await store.find(location);
  // An earlier try, of this run or of one that was killed, has stored it.
  if (there && isSame(there, file)) return there;
  if (there?.version !== known) refuseOther(location);
  await store.put(location, file, { version: known }).catch((error: unknown) => {
    const isChanged = error instanceof StoreFailure && error.kind === "changed";
    if (!isChanged) throw error;
  });
  const stored = await store.find(location);
  if (stored && isSame(stored, file)) return stored;
  return refuseOther(location);
}

function refuseOther({ name }: Location): never {
  throw new CommandError(
    `${name} could not be written: another run has stored other content there; choose another place, or --overwrite when that run has ended`,
  );
}

function isTemporary(error: unknown): boolean {
  return error instanceof StoreFailure && error.kind === "temporary";
}

function isSame({ bytes, sha256, version }: StoredObject, file: LocalFile): boolean {
  if (bytes !== file.bytes) return false;
  return sha256 === undefined ? version === file.gitHash : sha256 === file.sha256;
}

async function measured(path: string): Promise<LocalFile> {
  const { size: bytes } = await stat(path);
  const sha256 = createHash("sha256");
  const git = createHash("sha1").update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) {
    sha256.update(chunk);
    git.update(chunk);
  }
  return { path, bytes, sha256: sha256.digest("hex"), gitHash: git.digest("hex") };
}
