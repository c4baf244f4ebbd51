/** Rows as text, gathered for one call on the wasm. */

import type { RowText } from "../input/row-texts.ts";
import type { RowError } from "../rows/row-error.ts";

/** The conversation of a row as JSON text in harmony's shape, or the error of the row. */
export type ReadRow = { conversation: string } | { error: RowError };

/** A UTF-16 unit has at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();

/** Rows, and the conversations that they have. */
export class TextRows {
  readonly rows: { given: RowText; read: ReadRow }[] = [];
  /** The length of their conversations, in UTF-16 units. */
  size = 0;

  /** Adds a row. */
  add(given: RowText, read: ReadRow): void {
    this.rows.push({ given, read });
    if ("conversation" in read) this.size += read.conversation.length;
  }

  /** The UTF-8 of all conversations, and where each row ends. A row that has none is empty. */
  encoded(): { bytes: Uint8Array; ends: Uint32Array } {
    const bytes = new Uint8Array(this.size * BYTES_PER_UNIT);
    const ends = new Uint32Array(this.rows.length);
    let end = 0;
    for (const [index, { read }] of this.rows.entries()) {
      // A lone surrogate would be encoded as another character.
      if ("conversation" in read && read.conversation.isWellFormed()) {
        end += encoder.encodeInto(read.conversation, bytes.subarray(end)).written;
      }
      ends[index] = end;
    }
    return { bytes: bytes.subarray(0, end), ends };
  }
}
