/** Input files in object stores and on web servers: objects, prefixes and globs. */

import { createHash } from "node:crypto";
import { CommandError } from "../exit.ts";
import { appended } from "../files/bytes.ts";
import {
  type InputFile,
  type InputStore,
  pathsWithRows,
  sortedByName,
} from "../storage/input-file.ts";
import { isAddress, type Location, locationOf, withKey } from "./location.ts";
import { type ObjectStore, reportedFailure, type StoredObject } from "./object-store.ts";
import { RemoteBlob } from "./remote-blob.ts";
import { steadyRead } from "./steady-read.ts";
import { storeOf } from "./stores.ts";

/** Small chunks, as connections deliver them, are joined up to this. */
const CHUNK_BYTES = 256 * 1024;

/** Every address with a scheme. */
export const REMOTE_FILES: InputStore = { holds: isAddress, list: remoteFiles };

async function remoteFiles(address: string): Promise<InputFile[]> {
  const location = locationOf(address);
  const store = await storeOf(location);
  const objects = await objectsAt(store, location).catch((error: unknown) => {
    throw reportedFailure(location, "read", error);
  });
  return sortedByName(objects.map((object) => fileOf(store, object)));
}

/** The object of this name, the objects of this folder, or the matches of this glob. */
async function objectsAt(store: ObjectStore, location: Location): Promise<StoredObject[]> {
  const { key, name } = location;
  const isFolder = location.store !== "web" && (key === "" || key.endsWith("/"));
  if (isFolder) return rowsIn(store, location);
  const object = await store.find(location);
  if (object) return [object];
  if (location.store !== "web") {
    const matches = await matchesOf(store, location);
    if (matches) return matches;
    const inFolder = await rowsIn(store, withKey(location, `${key}/`));
    if (inFolder.length > 0) return inFolder;
  }
  throw new CommandError(`${name} does not exist`);
}

/** The objects of a folder that have rows by their names. */
async function rowsIn(store: ObjectStore, folder: Location): Promise<StoredObject[]> {
  const pathOf = ({ location }: StoredObject) => location.key.slice(folder.key.length);
  const objects = await listed(store, folder, () => true);
  const paths = pathsWithRows(objects.map(pathOf));
  return objects.filter((object) => paths.has(pathOf(object)));
}

/** The matches of a glob; undefined for a plain name. */
async function matchesOf(store: ObjectStore, location: Location) {
  const { default: picomatch } = await import("picomatch");
  const { isGlob, base } = picomatch.scan(location.key);
  if (!isGlob) return undefined;
  const folder = base === "" ? "" : `${base}/`;
  return listed(store, withKey(location, folder), picomatch(location.key));
}

async function listed(
  store: ObjectStore,
  folder: Location,
  takes: (key: string) => boolean,
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(folder)) {
    const { key } = object.location;
    // Some tools store an empty object for a folder.
    if (!key.endsWith("/") && takes(key)) objects.push(object);
  }
  return objects;
}

function fileOf(store: ObjectStore, object: StoredObject): InputFile {
  const { location, bytes, version } = object;
  const { name, container, key } = location;
  return {
    name,
    // The query of a web address is part of its identity, but no name shows it.
    id: createHash("sha256").update(`${container} ${key}`).digest("hex"),
    size: bytes,
    version,
    isStream: bytes === undefined,
    isLocal: false,
    read: (start) => joinedChunks(steadyRead(store, object, { start })),
    blob: async () => new RemoteBlob(store, object),
  };
}

async function* joinedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < CHUNK_BYTES) continue;
    yield appended(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield appended(parts);
}
