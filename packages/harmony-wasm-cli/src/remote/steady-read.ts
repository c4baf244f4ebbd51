/**
 * Reads an object to its end through broken connections: a stream that breaks off
 * is opened again at the byte where it ended. The libraries repeat requests, but
 * not the rest of an answer.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../exit.ts";
import {
  type ObjectStore,
  reportedFailure,
  type StoredObject,
  StoreFailure,
} from "./object-store.ts";

/** Pauses before further tries that read nothing, in milliseconds; a byte starts them over. */
const PAUSES_MS = [100, 200, 400, 800, 1600, 3200, 6400] as const;

/** The part of an object to read, and the pauses between tries. */
export interface ReadOptions {
  start?: number;
  /** The byte after the last; absent for the end of the object. */
  end?: number;
  pauses?: readonly number[];
}

/** The bytes of an object; fails if it changed or ended early. */
export async function* steadyRead(
  store: ObjectStore,
  object: StoredObject,
  { start = 0, end = object.bytes, pauses = PAUSES_MS }: ReadOptions = {},
): AsyncGenerator<Uint8Array> {
  let at = start;
  let failures = 0;
  while (end === undefined || at < end) {
    try {
      for await (const chunk of await store.open(object, at, end)) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (end === undefined || at === end) return;
      refuseWrongLength(object, at, end);
    } catch (error) {
      if (!isTemporary(error)) throw failureOf(object, error);
      const pause = pauses[failures];
      if (pause === undefined) throw brokenOff(object, at, failures + 1, error);
      failures += 1;
      await sleep(pause);
    }
  }
}

function refuseWrongLength({ location }: StoredObject, at: number, end: number): never {
  if (at < end) throw new StoreFailure("temporary", "the connection ended early");
  throw new CommandError(
    `${location.name} could not be read: it sends more than the ${end} bytes that it has`,
  );
}

function isTemporary(error: unknown): boolean {
  return error instanceof StoreFailure && error.kind === "temporary";
}

function failureOf({ location }: StoredObject, error: unknown): CommandError {
  if (error instanceof StoreFailure && error.kind === "changed") {
    return new CommandError(`${location.name} changed while it was read`);
  }
  return reportedFailure(location, "read", error);
}

function brokenOff({ location, bytes }: StoredObject, at: number, tries: number, error: unknown) {
  const size = bytes === undefined ? "" : ` of ${bytes}`;
  const detail = error instanceof Error ? error.message : error;
  return new CommandError(
    `${location.name} broke off at byte ${at}${size}, ${tries} times in a row: ${detail}; finished batches are kept, and --resume continues`,
  );
}
