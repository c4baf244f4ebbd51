/** An object as a Blob, for the reader of Parquet, which reads the parts that it needs. */

import { appended } from "../files/bytes.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { steadyRead } from "./steady-read.ts";

/** The bytes of an object from `start` to `end`, which are fetched when they are read. */
export class RemoteBlob extends Blob {
  readonly #store: ObjectStore;
  readonly #object: StoredObject;
  readonly #start: number;
  readonly #end: number;

  constructor(store: ObjectStore, object: StoredObject, start = 0, end = object.bytes ?? 0) {
    super();
    this.#store = store;
    this.#object = object;
    this.#start = start;
    this.#end = end;
  }

  override get size(): number {
    return this.#end - this.#start;
  }

  override slice(start = 0, end = this.size): RemoteBlob {
    const from = this.#start + inside(start, this.size);
    const to = this.#start + inside(end, this.size);
    return new RemoteBlob(this.#store, this.#object, from, Math.max(from, to));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const part = { start: this.#start, end: this.#end };
    const chunks: Uint8Array[] = [];
    for await (const chunk of steadyRead(this.#store, this.#object, part)) chunks.push(chunk);
    return appended(chunks).buffer;
  }
}

/** A negative position counts from the end, as those of every Blob. */
function inside(position: number, size: number): number {
  return position < 0 ? Math.max(size + position, 0) : Math.min(position, size);
}
