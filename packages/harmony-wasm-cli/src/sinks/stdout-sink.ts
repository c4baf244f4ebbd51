/** Output to stdout, for pipes: it cannot be resumed, and rejected rows go to stderr. */

import { UsageError } from "../exit.ts";
import { writeAll } from "../files/write-all.ts";
import type { EncodedBatch, Layout, Written, WrittenBatch } from "../formats/format.ts";
import type { DoneBatch, Sink } from "./sink.ts";
import { WaitingRows } from "./waiting-rows.ts";

const STDOUT = 1;

/** Writes the only data file of a layout to stdout, without the metadata file beside it. */
export class StdoutSink implements Sink {
  readonly folder = undefined;
  readonly isComplete = false;
  readonly resumed = undefined;
  readonly #layout: Layout;
  readonly #file: string;
  readonly #waiting: WaitingRows;
  readonly #batches: WrittenBatch[] = [];
  #length = 0;

  constructor(layout: Layout) {
    const columns = layout.files.filter(({ file }) => file !== "meta");
    const [first] = columns;
    if (!first || columns.length > 1) {
      throw new UsageError(
        "--output -: stdout can hold one file only; use --format parquet, arrow or jsonl",
      );
    }
    this.#layout = layout;
    this.#waiting = new WaitingRows(layout);
    this.#file = first.file;
  }

  async add(done: DoneBatch): Promise<void> {
    await this.#begin();
    const { joined } = await this.#waiting.add(done);
    for (const batch of [...joined, done]) await this.#writeBatch(batch);
    process.stderr.write(done.rejected);
  }

  async finish(): Promise<void> {
    await this.#begin();
    for (const batch of await this.#waiting.end()) await this.#writeBatch(batch);
    for await (const { bytes } of this.#layout.finish(this.#written())) await this.#write(bytes);
  }

  async close(): Promise<void> {}

  async #begin(): Promise<void> {
    if (this.#length > 0) return;
    for (const { file, bytes } of this.#layout.heads) {
      if (file === this.#file) await this.#write(bytes);
    }
  }

  async #writeBatch({ parts, meta }: EncodedBatch): Promise<void> {
    if (parts.length > 0) this.#batches.push({ meta, starts: { [this.#file]: this.#length } });
    for (const { bytes } of parts) await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await writeAll(STDOUT, bytes);
    this.#length += bytes.length;
  }

  #written(): Written {
    const batches = this.#batches;
    return {
      async *batches() {
        yield* batches;
      },
      lengthOf: () => this.#length,
      read: () => {
        throw new Error("stdout cannot be read");
      },
    };
  }
}
