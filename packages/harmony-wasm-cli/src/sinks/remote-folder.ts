/**
 * A folder of an object store as the destination of finished files. A file is
 * stored whole and under its final name only; a store that knows conditions
 * refuses one over a file of another run.
 */

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import { type Location, locationOf, withKey } from "../remote/location.ts";
import { reportedFailure, type WritableStore } from "../remote/object-store.ts";
import { stagingFolder } from "../remote/staging.ts";
import { steadyRead } from "../remote/steady-read.ts";
import { writableStoreOf } from "../remote/stores.ts";
import { upload } from "../remote/upload.ts";
import type { Destination } from "../storage/destination.ts";
import { OutputLock } from "./output-lock.ts";

/** The destination of an address; unfinished files are in a folder of `staging`. */
export function remoteFolder(address: string, staging?: string): Destination {
  return new RemoteFolder(folderOf(address), staging);
}

class RemoteFolder implements Destination {
  readonly #folder: Location;
  readonly #local: string;
  /** The versions of the files that this run has seen or stored. */
  readonly #known = new Map<string, string | undefined>();
  readonly #stored = new Set<string>();

  constructor(folder: Location, staging?: string) {
    this.#folder = folder;
    this.#local = stagingFolder(folder, staging);
  }

  get name(): string {
    return this.#folder.name;
  }

  workFolder(run: string): string {
    return join(this.#local, run);
  }

  /** Runs on other machines are kept apart by the conditions of `publish`. */
  lock(run: string): Promise<OutputLock> {
    return OutputLock.take(join(this.#local, run));
  }

  async names(): Promise<string[]> {
    const versions = await this.#versions();
    this.#known.clear();
    for (const [name, version] of versions) this.#known.set(name, version);
    return [...versions.keys()];
  }

  read(name: string): Promise<string | undefined> {
    return this.#in("read", name, async (store, location) => {
      const object = await store.find(location);
      return object && textOf(steadyRead(store, object));
    });
  }

  async publish(local: string, name: string): Promise<void> {
    if (!existsSync(local)) return;
    await this.#in("written", name, async (store, location) => {
      const { version } = await upload(store, location, local, this.#known.get(name));
      this.#known.set(name, version);
      this.#stored.add(name);
    });
    await rm(local);
  }

  async confirm(): Promise<void> {
    if (this.#stored.size === 0) return;
    const versions = await this.#versions();
    for (const name of this.#stored) {
      if (versions.get(name) === this.#known.get(name)) continue;
      throw new CommandError(
        `${this.name}${name} was replaced by another run; choose another folder, or --overwrite when that run has ended`,
      );
    }
  }

  remove(name: string): Promise<void> {
    return this.#in("written", name, async (store, location) => {
      await store.remove(location);
      this.#known.delete(name);
    });
  }

  #versions(): Promise<Map<string, string | undefined>> {
    return this.#in("listed", "", async (store, folder) => {
      const versions = new Map<string, string | undefined>();
      for await (const { location, version } of store.list(folder)) {
        versions.set(location.key.slice(folder.key.length), version);
      }
      return versions;
    });
  }

  /** Does something to a file in the folder; reports its failure. */
  async #in<T>(
    done: "read" | "written" | "listed",
    name: string,
    operation: (store: WritableStore, location: Location) => Promise<T>,
  ): Promise<T> {
    const location = withKey(this.#folder, `${this.#folder.key}${name}`);
    try {
      return await operation(await writableStoreOf(location), location);
    } catch (error) {
      throw reportedFailure(location, done, error);
    }
  }
}

/** The name of a folder ends with a slash, except that of a whole container. */
function folderOf(address: string): Location {
  const location = locationOf(address);
  const { key } = location;
  return key === "" || key.endsWith("/") ? location : withKey(location, `${key}/`);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}
