/** What every store can do, and what it says when it cannot. */

import type { Readable } from "node:stream";
import { CommandError } from "../exit.ts";
import { type Location, withoutSecrets } from "./location.ts";

/** An object as it is now. */
export interface StoredObject {
  location: Location;
  /** Undefined if a web server does not say. */
  bytes: number | undefined;
  /** Changes with the content: an ETag, a generation, or a hash. */
  version: string | undefined;
  /** The hash of the content, if the store knows it. */
  sha256?: string;
}

/** A local file to be stored. */
export interface LocalFile {
  path: string;
  bytes: number;
  sha256: string;
  /** The hash by which git, and so the hub, knows a small file. */
  gitHash: string;
}

/** The version that an object must have to be replaced; undefined if it must not exist. */
export interface Replaces {
  version: string | undefined;
}

/** Reads objects. */
export interface ObjectStore {
  /** The object of this name; undefined if there is none. */
  find: (location: Location) => Promise<StoredObject | undefined>;
  /** The objects whose names begin with the key. */
  list: (location: Location) => AsyncIterable<StoredObject>;
  /** One request for the bytes from `start` to `end`, of this version or not at all. */
  open: (object: StoredObject, start: number, end: number | undefined) => Promise<ByteStream>;
}

/** Stores that also write. */
export interface WritableStore extends ObjectStore {
  /** Stores a file whole or not at all; fails with `changed` if another object is there. */
  put: (location: Location, file: LocalFile, replaces: Replaces) => Promise<void>;
  remove: (location: Location) => Promise<void>;
}

/** The bytes of an answer. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Why a store failed: only `temporary` is worth another try. */
export type FailureKind = "missing" | "denied" | "changed" | "refused" | "temporary";

/** A failed request. */
export class StoreFailure extends Error {
  readonly kind: FailureKind;
  /** The store's own name for it. */
  readonly code: string | undefined;

  constructor(kind: FailureKind, message: string, code?: string) {
    super(withoutSecrets(message));
    this.kind = kind;
    this.code = code;
  }
}

/** The failure of a request without an answer; errors of local files stay as they are. */
export function connectionFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreFailure || "path" in error) return error;
  const { cause } = error;
  const detail = cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
  return new StoreFailure("temporary", detail || error.name);
}

/** A server that sends nothing for so long is taken for gone. */
export const SILENCE_MS = 60_000;

/** An answer, or the failure that `convert` makes of its error. */
export async function answered<T>(
  request: Promise<T>,
  convert: (error: unknown) => unknown,
): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw convert(error);
  }
}

/**
 * The bytes of an answer, whose errors `convert` makes failures. A connection that
 * has been silent for too long is one; time in which nobody reads does not count.
 */
export async function* streamed(
  body: Readable,
  convert: (error: unknown) => unknown,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(
        () => body.destroy(new Error("the connection is silent")),
        silenceMs,
      );
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw convert(error);
  } finally {
    body.destroy();
  }
}

/** The kind of an answer's HTTP status; without a status, the connection failed. */
export function kindOfStatus(status: number | undefined): FailureKind {
  if (status === undefined || status === 408 || status === 429 || status >= 500) return "temporary";
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "missing";
  return status === 409 || status === 412 ? "changed" : "refused";
}

const CREDENTIALS = {
  s3: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
  gs: "GOOGLE_APPLICATION_CREDENTIALS, or gcloud auth application-default login",
  hf: "HF_TOKEN, or hf auth login",
  web: "the address; a presigned one expires",
};

/** The error for the user. */
export function reportedFailure(
  { name, store }: Location,
  done: "read" | "written" | "listed",
  error: unknown,
): CommandError {
  if (error instanceof CommandError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const advice =
    error instanceof StoreFailure && error.kind === "denied" ? `; check ${CREDENTIALS[store]}` : "";
  return new CommandError(`${name} could not be ${done}: ${withoutSecrets(message)}${advice}`);
}
