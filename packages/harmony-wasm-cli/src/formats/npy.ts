/**
 * NumPy's `.npy`, one file per column: `out.npy` has the ids of all rows end to
 * end, `out.n_tokens.npy` the number of ids in each row, and so on.
 */

import type { ColumnName } from "../columns/columns.ts";
import { textBytes } from "../files/bytes.ts";
import { type FlatColumn, flatBytes, flatColumns, withoutExtension } from "./flat.ts";
import type { Encode, FileLayout, FormatContext, LastBytes, Written } from "./format.ts";
import { metaFile } from "./meta-file.ts";

/** Room for any length: the header is rewritten when the length is known. */
export const NPY_HEADER_BYTES = 128;
const BYTES = { "<i4": 4, "<i8": 8, "|u1": 1 };

/** The default columns: ids, loss mask, and row lengths. */
export const NPY_COLUMNS: readonly ColumnName[] = ["input_ids", "loss_mask", "n_tokens"];

/** Encodes batches as numbers. */
export function npyEncoder(context: FormatContext): Encode {
  const columns = flatColumns(context.columns, "npy");
  return (rows) => ({
    parts: columns.map((column) => ({ file: column.name, bytes: flatBytes(column, rows) })),
  });
}

/** The headers, which have the lengths. */
export function npyLayout(path: string, context: FormatContext): FileLayout {
  const columns = flatColumns(context.columns, "npy");
  const meta = metaFile(path, context.metadata);
  async function* finish({ lengthOf }: Written): AsyncGenerator<LastBytes> {
    for (const column of columns) {
      const count = (lengthOf(column.name) - NPY_HEADER_BYTES) / BYTES[column.numbers.type];
      yield { file: column.name, bytes: header(column, count), atStart: true };
    }
  }
  const pathOf = (name: ColumnName) =>
    name === "input_ids" ? path : `${withoutExtension(path)}.${name}.npy`;
  return {
    files: [...columns.map(({ name }) => ({ file: name, path: pathOf(name) })), meta.file],
    heads: [
      ...columns.map((column) => ({ file: column.name, bytes: header(column, 0) })),
      meta.head,
    ],
    finish,
  };
}

/** Version 1.0: the magic, the length of the text, and the text padded to a line. */
function header({ numbers }: FlatColumn, count: number): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '${numbers.type}', 'fortran_order': False, 'shape': (${count},), }`;
  const bytes = textBytes(`\u0000NUMPY\u0001\u0000__${text.padEnd(NPY_HEADER_BYTES - 11)}\n`);
  bytes[0] = 0x93;
  new DataView(bytes.buffer).setUint16(8, NPY_HEADER_BYTES - 10, true);
  return bytes;
}
