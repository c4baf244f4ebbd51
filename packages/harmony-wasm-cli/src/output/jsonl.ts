/** JSON lines, plain or compressed batch by batch: members of gzip and frames of zstd add up. */

import { gzipSync, zstdCompressSync } from "node:zlib";
import { labelsOf, positionsOf, startsOf } from "../columns/lists.ts";
import type { ColumnName } from "../columns/names.ts";
import type { OutputRow } from "../columns/output-row.ts";
import { textBytes } from "../files/bytes.ts";
import type { Encode, FormatContext, LastBytes, Layout } from "./format.ts";
import { metaFile } from "./meta-file.ts";

const FILE = "jsonl";

const VALUES: Readonly<Record<ColumnName, (row: OutputRow) => string>> = {
  input_ids: ({ tokens }) => `[${tokens.join()}]`,
  attention_mask: ({ tokens, packed }) =>
    `[${Array.from(tokens, (_, at) => (at < (packed?.filled ?? tokens.length) ? 1 : 0)).join()}]`,
  labels: (row) => `[${labelsOf(row).join()}]`,
  loss_mask: ({ lossMask }) => `[${lossMask.join()}]`,
  position_ids: (row) => `[${positionsOf(row).join()}]`,
  seq_start_id: (row) => `[${startsOf(row).join()}]`,
  spans: ({ spans }) => JSON.stringify(spans),
  n_tokens: ({ tokens, packed }) => String(packed?.filled ?? tokens.length),
  source_row: ({ sourceRow }) => String(sourceRow),
  source_rows: ({ packed }) => JSON.stringify(packed?.sourceRows ?? []),
};

/** Encodes batches as lines. */
export function jsonlEncoder({ columns, compression }: FormatContext): Encode {
  return (rows) => {
    const bytes = textBytes(rows.map((row) => lineOf(row, columns)).join(""));
    if (compression === "none") return { parts: [{ file: FILE, bytes }] };
    const compressed = compression === "zstd" ? zstdCompressSync(bytes) : gzipSync(bytes);
    return { parts: [{ file: FILE, bytes: new Uint8Array(compressed) }] };
  };
}

/** The lines, and beside them what cannot stand in them. */
export function jsonlLayout(path: string, { metadata }: FormatContext): Layout {
  async function* finish(): AsyncGenerator<LastBytes> {}
  const meta = metaFile(path, metadata);
  return { files: [{ file: FILE, path }, meta.file], heads: [meta.head], finish };
}

function lineOf(row: OutputRow, columns: readonly ColumnName[]): string {
  const members = columns.map((name) => `"${name}":${VALUES[name](row)}`);
  return `{${members.join(",")}}\n`;
}
