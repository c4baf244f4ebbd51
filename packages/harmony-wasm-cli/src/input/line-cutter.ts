/** Cuts bytes into batches of whole lines, however the bytes arrive. */

import type { Position } from "../rows/position.ts";
import { type BatchSize, type InputBatch, MOST_LINE_BYTES } from "./batch.ts";

const LINE_FEED = 10;
/** The part of a line that is too long that is kept, to recognise it. */
const KEPT_BYTES = 64 * 1024;

/** Room for the line that completes a batch: else its bytes would be copied to twice the room. */
const LAST_LINE_BYTES = 256 * 1024;

/** Turns chunks into batches. */
export class LineCutter {
  readonly #size: BatchSize;
  readonly #mostLineBytes: number;
  #bytes = new Uint8Array(0);
  /** How much room a batch gets at first. */
  #room = 0;
  #length = 0;
  #lineStart = 0;
  #ends: number[] = [];
  #tooLong: number[] = [];
  readonly #file: number;
  #ordinal: number;
  #row: number;
  #offset: number;

  constructor(
    { file = 0, ordinal = 0, row, offset }: Position,
    size: BatchSize,
    mostLineBytes: number = MOST_LINE_BYTES,
  ) {
    this.#file = file;
    this.#ordinal = ordinal;
    this.#row = row;
    this.#offset = offset;
    this.#size = size;
    this.#mostLineBytes = mostLineBytes;
  }

  /** Room for a whole batch. */
  get #wholeRoom(): number {
    return this.#size.bytes + LAST_LINE_BYTES;
  }

  /** The batches that a chunk completes. */
  *push(chunk: Uint8Array): Generator<InputBatch> {
    // The first chunk of a small file is all of it, and a group may have hundreds of such files.
    this.#room ||= Math.min(chunk.length, this.#wholeRoom);
    for (let at = 0; at < chunk.length; ) {
      const feed = chunk.indexOf(LINE_FEED, at);
      const end = feed < 0 ? chunk.length : feed + 1;
      this.#append(chunk.subarray(at, end));
      at = end;
      if (feed >= 0) {
        this.#endLine();
        if (this.#ends.length >= this.#size.rows || this.#length >= this.#size.bytes) {
          yield this.#take();
        }
      }
    }
  }

  /** The rest, including a last line without a line feed. */
  *end(): Generator<InputBatch> {
    if (this.#length > this.#lineStart) this.#endLine();
    if (this.#ends.length > 0) yield this.#take();
  }

  #append(part: Uint8Array): void {
    this.#offset += part.length;
    const lineBytes = this.#length - this.#lineStart + part.length;
    if (this.#isTooLong()) return;
    if (lineBytes > this.#mostLineBytes) this.#cutLine(part);
    else this.#add(part);
  }

  #isTooLong(): boolean {
    return this.#tooLong.at(-1) === this.#ends.length;
  }

  #cutLine(part: Uint8Array): void {
    this.#tooLong.push(this.#ends.length);
    this.#length = Math.min(this.#length, this.#lineStart + KEPT_BYTES);
    this.#add(part.subarray(0, this.#lineStart + KEPT_BYTES - this.#length));
  }

  #add(part: Uint8Array): void {
    this.#makeRoom(this.#length + part.length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
  }

  #makeRoom(needed: number): void {
    const { length } = this.#bytes;
    if (needed <= length) return;
    const doubled = Math.max(needed, this.#room, length * 2);
    const isUsual = needed <= this.#wholeRoom;
    const larger = new Uint8Array(isUsual ? Math.min(doubled, this.#wholeRoom) : doubled);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  #endLine(): void {
    this.#ends.push(this.#length);
    this.#lineStart = this.#length;
  }

  #take(): InputBatch {
    const batch: InputBatch = {
      rows: {
        kind: "lines",
        bytes: this.#bytes.subarray(0, this.#length),
        ends: Uint32Array.from(this.#ends),
        tooLong: this.#tooLong,
      },
      file: this.#file,
      ordinal: this.#ordinal,
      firstRow: this.#row,
      length: this.#ends.length,
      nextOffset: this.#offset,
    };
    this.#ordinal += 1;
    this.#row += this.#ends.length;
    this.#bytes = new Uint8Array(0);
    this.#room = this.#wholeRoom;
    this.#length = 0;
    this.#lineStart = 0;
    this.#ends = [];
    this.#tooLong = [];
    return batch;
  }
}
