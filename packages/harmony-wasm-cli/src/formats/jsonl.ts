/** JSON lines, plain or compressed by batch: gzip members and zstd frames can be concatenated. */

import { gzipSync, zstdCompressSync } from "node:zlib";
import { DataType } from "apache-arrow";
import { type ColumnName, columnOf } from "../columns/columns.ts";
import { JsonBytes } from "../files/json-bytes.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { Encode, FileLayout, FormatContext, LastBytes } from "./format.ts";
import { metaFile } from "./meta-file.ts";

const FILE = "jsonl";

/** Encodes batches as lines. */
export function jsonlEncoder({ columns, carry, compression }: FormatContext): Encode {
  const writers = columns.map(memberWriter);
  const text = new JsonBytes();
  return (rows) => {
    for (const row of rows) writeLine(text, row, writers, carry);
    const bytes = text.take();
    if (compression === "none") return { parts: [{ file: FILE, bytes }] };
    const compressed = compression === "zstd" ? zstdCompressSync(bytes) : gzipSync(bytes);
    return { parts: [{ file: FILE, bytes: new Uint8Array(compressed) }] };
  };
}

/** The lines, and the metadata file beside them. */
export function jsonlLayout(path: string, { metadata }: FormatContext): FileLayout {
  async function* finish(): AsyncGenerator<LastBytes> {}
  const meta = metaFile(path, metadata);
  return { files: [{ file: FILE, path }, meta.file], heads: [meta.head], finish };
}

type WriteValue = (text: JsonBytes, row: OutputRow) => void;

function writeLine(
  text: JsonBytes,
  row: OutputRow,
  columns: readonly { key: string; write: WriteValue }[],
  carry: readonly string[],
): void {
  let separator = "{";
  for (const { key, write } of columns) {
    text.text(`${separator}${key}:`);
    write(text, row);
    separator = ",";
  }
  const carried = carry.map((name) => `,${JSON.stringify(name)}:${row.carried?.[name] ?? "null"}`);
  text.text(`${carried.join("")}}\n`);
}

/** Lists of numbers are written as bytes; other values are short. */
function memberWriter(name: ColumnName): { key: string; write: WriteValue } {
  const { type, numbers, json } = columnOf(name);
  const key = JSON.stringify(name);
  if (!numbers || !DataType.isList(type)) {
    return { key, write: (text, row) => text.text(json(row)) };
  }
  return {
    key,
    write: (text, row) => {
      const list = numbers.of(row);
      if (list instanceof BigInt64Array) text.text(json(row));
      else text.numbers(list);
    },
  };
}
