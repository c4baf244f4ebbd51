/**
 * NumPy's `.npy`, one file a column: `out.npy` has the ids of all rows end to
 * end, `out.n_tokens.npy` how many there are in each row, and so on.
 */

import type { ColumnName } from "../columns/names.ts";
import { textBytes } from "../files/bytes.ts";
import { type FlatColumn, flatBytes, flatColumns, NUMPY_TYPES, withoutExtension } from "./flat.ts";
import type { Encode, FormatContext, LastBytes, Layout, Written } from "./format.ts";
import { metaFile } from "./meta-file.ts";

/** Room for any length: the header is written again when the length is known. */
const HEADER_BYTES = 128;
const BYTES: Readonly<Record<string, number>> = { "<i4": 4, "<i8": 8, "|u1": 1 };

/** The columns of files that asked for none: ids, what has loss, and where rows end. */
export const NPY_COLUMNS: readonly ColumnName[] = ["input_ids", "loss_mask", "n_tokens"];

/** Encodes batches as numbers. */
export function npyEncoder({ columns }: FormatContext): Encode {
  const names = flatColumns(columns, "npy");
  return (rows) => ({ parts: names.map((file) => ({ file, bytes: flatBytes(file, rows) })) });
}

/** The headers, which have the lengths. */
export function npyLayout(path: string, { columns, metadata }: FormatContext): Layout {
  const names = flatColumns(columns, "npy");
  const meta = metaFile(path, metadata);
  async function* finish({ lengthOf }: Written): AsyncGenerator<LastBytes> {
    for (const file of names) {
      const size = BYTES[NUMPY_TYPES[file]] ?? 1;
      const count = (lengthOf(file) - HEADER_BYTES) / size;
      yield { file, bytes: header(file, count), atStart: true };
    }
  }
  const pathOf = (name: FlatColumn) =>
    name === "input_ids" ? path : `${withoutExtension(path)}.${name}.npy`;
  return {
    files: [...names.map((file) => ({ file, path: pathOf(file) })), meta.file],
    heads: [...names.map((file) => ({ file, bytes: header(file, 0) })), meta.head],
    finish,
  };
}

/** Version 1.0: magic, length of the text, the text padded to a line. */
function header(name: FlatColumn, count: number): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '${NUMPY_TYPES[name]}', 'fortran_order': False, 'shape': (${count},), }`;
  const bytes = textBytes(`\u0000NUMPY\u0001\u0000__${text.padEnd(HEADER_BYTES - 11)}\n`);
  bytes[0] = 0x93;
  new DataView(bytes.buffer).setUint16(8, HEADER_BYTES - 10, true);
  return bytes;
}
