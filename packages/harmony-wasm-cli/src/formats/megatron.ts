/**
 * Megatron's indexed data set: `out.bin` has the numbers end to end, `out.idx`
 * the place of each row. Every column but the ids is a data set beside it,
 * `out_loss_mask.bin` and `.idx`. docs/megatron-bridge.md has the layout.
 */

import { type ColumnName, columnOf } from "../columns/columns.ts";
import { appended, textBytes } from "../files/bytes.ts";
import { type FlatColumn, flatBytes, flatColumns, withoutExtension } from "./flat.ts";
import type { Encode, FileLayout, FormatContext, LastBytes, Written } from "./format.ts";
import { metaFile } from "./meta-file.ts";

const MAGIC = textBytes("MMIDIDX\0\0");
const VERSION = 1n;
/** Megatron's numbers for NumPy's types, and their sizes. */
const TYPES = {
  "|u1": { code: 1, size: 1 },
  "<i4": { code: 4, size: 4 },
  "<i8": { code: 5, size: 8 },
};
const COUNT_AT = MAGIC.length + BigInt64Array.BYTES_PER_ELEMENT + 1;
/** Where an index has the number of rows, before that of documents, and where their lengths begin. */
export const INDEX_PLACES = {
  count: COUNT_AT,
  lengths: COUNT_AT + 2 * BigInt64Array.BYTES_PER_ELEMENT,
};
/** The file of row lengths, kept while the data set is written. */
const LENGTHS = "lengths";
/** Index entries written at once. */
const AT_ONCE = 1 << 16;

/** The default columns. */
export const MEGATRON_COLUMNS: readonly ColumnName[] = ["input_ids", "loss_mask"];

/** Encodes batches as numbers, and the lengths of their rows. */
export function megatronEncoder(context: FormatContext): Encode {
  const columns = megatronColumns(context);
  return (rows) => {
    const lengths = Int32Array.from(rows, ({ tokens }) => tokens.length);
    const parts = columns.map((column) => ({ file: column.name, bytes: flatBytes(column, rows) }));
    return { parts: [...parts, { file: LENGTHS, bytes: new Uint8Array(lengths.buffer) }] };
  };
}

/** The indices, computed from the lengths at the end. */
export function megatronLayout(path: string, context: FormatContext): FileLayout {
  const columns = megatronColumns(context);
  const meta = metaFile(`${withoutExtension(path)}.bin`, context.metadata);
  const prefixOf = (name: ColumnName) =>
    `${withoutExtension(path)}${name === "input_ids" ? "" : `_${name}`}`;
  async function* finish(written: Written): AsyncGenerator<LastBytes> {
    for (const column of columns) {
      const file = `${column.name}.idx`;
      for await (const bytes of indexBytes(column, written)) yield { file, bytes };
    }
  }
  const files = columns.flatMap(({ name }) => [
    { file: name, path: `${prefixOf(name)}.bin` },
    { file: `${name}.idx`, path: `${prefixOf(name)}.idx` },
  ]);
  // The file of lengths has no final path, so it is deleted with the folder.
  return { files: [...files, { file: LENGTHS, path: "" }, meta.file], heads: [meta.head], finish };
}

function megatronColumns({ columns }: FormatContext): FlatColumn[] {
  return flatColumns(
    columns.filter((name) => columnOf(name).inMegatron),
    "megatron",
  );
}

async function* indexBytes({ numbers }: FlatColumn, written: Written): AsyncGenerator<Uint8Array> {
  const { code, size } = TYPES[numbers.type];
  const count = BigInt(written.lengthOf(LENGTHS) / Int32Array.BYTES_PER_ELEMENT);
  const counts = new Uint8Array(BigInt64Array.of(count, count + 1n).buffer);
  const version = new Uint8Array(BigInt64Array.of(VERSION).buffer);
  yield appended([MAGIC, version, Uint8Array.of(code), counts]);
  yield* written.read(LENGTHS);
  let start = 0n;
  for await (const lengths of int32Arrays(written.read(LENGTHS))) {
    const starts = new BigInt64Array(lengths.length);
    for (const [index, length] of lengths.entries()) {
      starts[index] = start;
      start += BigInt(length * size);
    }
    yield new Uint8Array(starts.buffer);
  }
  yield* documents(count);
}

/** Every row is a document: 0 to the number of rows. */
function* documents(count: bigint): Generator<Uint8Array> {
  for (let first = 0n; first <= count; first += BigInt(AT_ONCE)) {
    const length = Math.min(AT_ONCE, Number(count + 1n - first));
    yield new Uint8Array(BigInt64Array.from({ length }, (_, at) => first + BigInt(at)).buffer);
  }
}

/** Whole numbers from chunks that may end in the middle of one. */
async function* int32Arrays(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Int32Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = appended([rest, chunk]);
    const whole = bytes.length - (bytes.length % Int32Array.BYTES_PER_ELEMENT);
    yield new Int32Array(bytes.slice(0, whole).buffer);
    rest = bytes.slice(whole);
  }
}
