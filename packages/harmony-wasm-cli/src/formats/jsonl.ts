/** JSON lines, plain or compressed by batch: gzip members and zstd frames can be concatenated. */

import { gzipSync, zstdCompressSync } from "node:zlib";
import { type ColumnName, columnOf } from "../columns/columns.ts";
import { textBytes } from "../files/bytes.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { Encode, FormatContext, LastBytes, Layout } from "./format.ts";
import { metaFile } from "./meta-file.ts";

const FILE = "jsonl";

/** Encodes batches as lines. */
export function jsonlEncoder({ columns, carry, compression }: FormatContext): Encode {
  return (rows) => {
    const bytes = textBytes(rows.map((row) => lineOf(row, columns, carry)).join(""));
    if (compression === "none") return { parts: [{ file: FILE, bytes }] };
    const compressed = compression === "zstd" ? zstdCompressSync(bytes) : gzipSync(bytes);
    return { parts: [{ file: FILE, bytes: new Uint8Array(compressed) }] };
  };
}

/** The lines, and the metadata file beside them. */
export function jsonlLayout(path: string, { metadata }: FormatContext): Layout {
  async function* finish(): AsyncGenerator<LastBytes> {}
  const meta = metaFile(path, metadata);
  return { files: [{ file: FILE, path }, meta.file], heads: [meta.head], finish };
}

function lineOf(row: OutputRow, columns: readonly ColumnName[], carry: readonly string[]): string {
  const members = [
    ...columns.map((name) => `"${name}":${columnOf(name).json(row)}`),
    ...carry.map((name) => `${JSON.stringify(name)}:${row.carried?.[name] ?? "null"}`),
  ];
  return `{${members.join(",")}}\n`;
}
