/** Rows as text, gathered for one call on the wasm. */

import type { RowText } from "../input/batch.ts";

/** A UTF-16 unit has at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();

/** Rows in order. */
export class TextRows {
  readonly rows: RowText[] = [];
  /** The length of their texts, in UTF-16 units. */
  size = 0;

  /** Adds a row. */
  add(row: RowText): void {
    this.rows.push(row);
    this.size += row.text.length;
  }

  /** The UTF-8 of all rows, and where each ends. A row that failed already is empty. */
  encoded(): { bytes: Uint8Array; ends: Uint32Array } {
    const bytes = new Uint8Array(this.size * BYTES_PER_UNIT);
    const ends = new Uint32Array(this.rows.length);
    let end = 0;
    for (const [index, { text, error }] of this.rows.entries()) {
      // A lone surrogate would be encoded as another character.
      if (!error && text.isWellFormed()) {
        end += encoder.encodeInto(text, bytes.subarray(end)).written;
      }
      ends[index] = end;
    }
    return { bytes: bytes.subarray(0, end), ends };
  }
}
