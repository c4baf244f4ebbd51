/**
 * Google Cloud Storage, through Google's own library: credentials come from
 * GOOGLE_APPLICATION_CREDENTIALS, gcloud, or the machine's service account.
 */

import { setMaxListeners } from "node:events";
import type * as Client from "@google-cloud/storage";
import { type Location, withKey } from "./location.ts";
import {
  answered,
  connectionFailure,
  kindOfStatus,
  type LocalFile,
  type Replaces,
  type StoredObject,
  StoreFailure,
  streamed,
  type WritableStore,
} from "./object-store.ts";
import { loadPackage } from "./optional-package.ts";

/** A larger file is sent so that a broken connection repeats only the rest of it. */
const RESUMABLE_FROM_BYTES = 8 * 1024 * 1024;
const PAGE_OBJECTS = 1000;

/** Opens Google Cloud Storage with the credentials of the environment. */
export async function openGcs(): Promise<WritableStore> {
  const sdk = await loadPackage(
    "gs",
    ["@google-cloud/storage"],
    () => import("@google-cloud/storage"),
  );
  // The library's streams have 11 listeners for one event, one more than Node takes for usual.
  setMaxListeners(20);
  const storage = new sdk.Storage();
  // With STORAGE_EMULATOR_HOST the library leaves out this part of its address (8.4.0).
  storage.baseUrl = `${storage.apiEndpoint}/storage/v1`;
  return new GcsStore(storage);
}

class GcsStore implements WritableStore {
  readonly #storage: Client.Storage;

  constructor(storage: Client.Storage) {
    this.#storage = storage;
  }

  async find(location: Location): Promise<StoredObject | undefined> {
    try {
      const [metadata] = await this.#answered(this.#file(location).getMetadata());
      return objectOf(location, metadata);
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.kind !== "missing") throw error;
      const [exists] = await this.#answered(this.#storage.bucket(location.container).exists());
      if (exists) return undefined;
      throw new StoreFailure("missing", `the bucket ${location.container} does not exist`);
    }
  }

  async *list(location: Location): AsyncGenerator<StoredObject> {
    const bucket = this.#storage.bucket(location.container);
    let query: object | null = {
      prefix: location.key,
      autoPaginate: false,
      maxResults: PAGE_OBJECTS,
    };
    while (query) {
      const [files, next]: [Client.File[], object | null, unknown] = await this.#answered(
        bucket.getFiles(query) as Promise<[Client.File[], object | null, unknown]>,
      );
      for (const { name, metadata } of files) yield objectOf(withKey(location, name), metadata);
      query = next;
    }
  }

  async open({ location, version }: StoredObject, start: number, end?: number) {
    const body = this.#file(location, version).createReadStream({
      start,
      ...(end !== undefined && { end: end - 1 }),
      // The stored bytes: the hash of a part is unknown, and gzip is recognised by its own bytes.
      validation: false,
      decompress: false,
    });
    return streamed(body, (error) => this.#replaced(error));
  }

  async put(location: Location, file: LocalFile, { version }: Replaces): Promise<void> {
    await this.#answered(
      this.#storage.bucket(location.container).upload(file.path, {
        destination: location.key,
        metadata: { metadata: { sha256: file.sha256 } },
        resumable: file.bytes >= RESUMABLE_FROM_BYTES,
        validation: "crc32c",
        preconditionOpts: { ifGenerationMatch: version ?? 0 },
      }),
    );
  }

  async remove(location: Location): Promise<void> {
    await this.#answered(this.#file(location).delete({ ignoreNotFound: true }));
  }

  /** A generation that is gone has been replaced or deleted. */
  #replaced(error: unknown): unknown {
    const failure = this.#failure(error);
    const isGone = failure instanceof StoreFailure && failure.kind === "missing";
    return isGone ? new StoreFailure("changed", failure.message) : failure;
  }

  #file({ container, key }: Location, generation?: string): Client.File {
    return this.#storage
      .bucket(container)
      .file(key, generation === undefined ? {} : { generation });
  }

  #answered<T>(request: Promise<T>): Promise<T> {
    return answered(request, (error) => this.#failure(error));
  }

  #failure(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const status = "code" in error && typeof error.code === "number" ? error.code : undefined;
    if (status !== undefined) {
      return new StoreFailure(kindOfStatus(status), `HTTP ${status}: ${error.message}`);
    }
    const isCredentials = /credentials/i.test(error.message);
    return isCredentials ? new StoreFailure("denied", error.message) : connectionFailure(error);
  }
}

function objectOf(location: Location, metadata: Client.FileMetadata): StoredObject {
  const { size, generation, metadata: own } = metadata;
  const sha256 = own?.sha256;
  return {
    location,
    bytes: size === undefined ? undefined : Number(size),
    version: generation === undefined ? undefined : String(generation),
    ...(typeof sha256 === "string" && { sha256 }),
  };
}
