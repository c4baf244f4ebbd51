/** The SHA-256 of input files, computed from the bytes as they are read. */

import { createHash } from "node:crypto";
import type { InputFile } from "./input-file.ts";

/** A file that remembers the hash of its bytes once they have been read from start to end. */
export class HashedFile implements InputFile {
  readonly #file: InputFile;
  #sha256: string | undefined;

  constructor(file: InputFile) {
    this.#file = file;
  }

  get name(): string {
    return this.#file.name;
  }

  get id(): string {
    return this.#file.id;
  }

  get size(): number | undefined {
    return this.#file.size;
  }

  get version(): string | undefined {
    return this.#file.version;
  }

  get isStream(): boolean {
    return this.#file.isStream;
  }

  get isLocal(): boolean {
    return this.#file.isLocal;
  }

  read(start: number): AsyncIterable<Uint8Array> {
    const chunks = this.#file.read(start);
    return start === 0 && this.#sha256 === undefined ? this.#hashing(chunks) : chunks;
  }

  blob(): Promise<Blob> {
    return this.#file.blob();
  }

  /**
   * The hash. A local file of which only a part was read, as Parquet and the file
   * in which a run is resumed, is read again; a remote one has no hash then.
   */
  async sha256(): Promise<string | undefined> {
    if (this.#sha256 !== undefined || !this.isLocal || this.isStream) return this.#sha256;
    for await (const _chunk of this.read(0));
    return this.#sha256;
  }

  async *#hashing(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
    this.#sha256 = hash.digest("hex");
  }
}
