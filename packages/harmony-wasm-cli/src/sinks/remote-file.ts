/**
 * A single output file in an object store. It is written in a local folder as any
 * other output, with the files beside it; when all are complete they are stored,
 * and the file that the user named is stored last.
 */

import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../exit.ts";
import { type Location, locationOf, withKey } from "../remote/location.ts";
import { reportedFailure, type StoredObject, type WritableStore } from "../remote/object-store.ts";
import { stagingFolder } from "../remote/staging.ts";
import { steadyRead } from "../remote/steady-read.ts";
import { writableStoreOf } from "../remote/stores.ts";
import { upload } from "../remote/upload.ts";
import type { RunIdentity } from "./journal.ts";
import { type Existing, isFinished, rejectedPath } from "./partial-sink.ts";
import { recordedRun, runFileName } from "./run-file.ts";
import type { DoneBatch, Progressed, Sink } from "./sink.ts";

const LOCK = /\.lock(?:-journal)?$/;

/** The file of an address, and its local counterpart. */
export class RemoteFile {
  readonly #location: Location;
  readonly #folder: string;
  /** The file's own name. */
  readonly #base: string;

  constructor(address: string, staging?: string) {
    this.#location = locationOf(address);
    this.#folder = stagingFolder(this.#location, staging);
    this.#base = this.#location.key.slice(this.#location.key.lastIndexOf("/") + 1);
  }

  /** The path to which the output is written first. */
  get local(): string {
    return join(this.#folder, this.#base);
  }

  /** Whether everything has been written, but perhaps not stored. */
  get isWritten(): boolean {
    return isFinished(this.local);
  }

  /** The run that made the object; undefined if there is no object. */
  async finishedRun(): Promise<RunIdentity | undefined> {
    const object = await this.#find(this.#base);
    if (!object) return undefined;
    const name = runFileName(this.#base);
    const record = await this.#find(name);
    const text = record && (await this.#text(record));
    return recordedRun(this.#location.name, text, object.bytes);
  }

  /** Whether the finished run rejected rows. */
  async hasRejected(): Promise<boolean> {
    return (await this.#find(rejectedPath(this.#base))) !== undefined;
  }

  /** Whether a run was stopped before everything was written. */
  get isStopped(): boolean {
    return existsSync(`${this.local}.partial`) && !this.isWritten;
  }

  /** Fails if the object exists and may not be replaced. */
  async refuseExisting({ resume, overwrite }: Existing): Promise<void> {
    if (overwrite || (resume && this.isStopped) || !(await this.#find(this.#base))) return;
    throw new UsageError(`${this.#location.name} exists; --overwrite replaces it`);
  }

  /** Stores all files, and deletes the local ones; fails if it may not replace the object. */
  async store(overwrite: boolean): Promise<void> {
    const names = this.#writtenNames();
    const beside = names.filter((name) => name !== this.#base);
    if (!beside.includes(rejectedPath(this.#base))) await this.#remove(rejectedPath(this.#base));
    for (const name of beside) await this.#upload(name, await this.#find(name));
    await this.#upload(this.#base, overwrite ? await this.#find(this.#base) : undefined);
    for (const name of [...beside, this.#base]) await rm(join(this.#folder, name), { force: true });
  }

  /** The files without the lock. Unfinished files, and those that only the run needs, are in folders. */
  #writtenNames(): string[] {
    return readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !LOCK.test(entry.name))
      .map(({ name }) => name);
  }

  async #upload(name: string, replaced: StoredObject | undefined): Promise<void> {
    const path = join(this.#folder, name);
    await this.#at("written", name, (store, location) =>
      upload(store, location, path, replaced?.version),
    );
  }

  async #text(object: StoredObject): Promise<string> {
    const store = await writableStoreOf(object.location);
    const parts: Uint8Array[] = [];
    for await (const chunk of steadyRead(store, object)) parts.push(chunk);
    return Buffer.concat(parts).toString();
  }

  #find(name: string): Promise<StoredObject | undefined> {
    return this.#at("read", name, (store, location) => store.find(location));
  }

  #remove(name: string): Promise<void> {
    return this.#at("written", name, (store, location) => store.remove(location));
  }

  /** Does something to a file beside the named one; reports its failure. */
  async #at<T>(
    done: "read" | "written",
    name: string,
    operation: (store: WritableStore, location: Location) => Promise<T>,
  ): Promise<T> {
    const { key } = this.#location;
    const location = withKey(this.#location, key.slice(0, key.length - this.#base.length) + name);
    try {
      return await operation(await writableStoreOf(location), location);
    } catch (error) {
      throw reportedFailure(location, done, error);
    }
  }
}

/** Writes to the local counterpart, and stores it at the end. */
export class RemoteFileSink implements Sink {
  readonly #file: RemoteFile;
  readonly #local: Sink;
  readonly #overwrite: boolean;

  constructor(file: RemoteFile, local: Sink, overwrite: boolean) {
    this.#file = file;
    this.#overwrite = overwrite;
    this.#local = local;
  }

  get folder(): string | undefined {
    return this.#local.folder;
  }

  get isComplete(): boolean {
    return this.#local.isComplete;
  }

  get resumed(): Progressed | undefined {
    return this.#local.resumed;
  }

  add(done: DoneBatch, progressed: Progressed): Promise<void> {
    return this.#local.add(done, progressed);
  }

  async finish(): Promise<void> {
    await this.#local.finish();
    await this.#file.store(this.#overwrite);
  }

  close(): Promise<void> {
    return this.#local.close();
  }
}
