/**
 * Parquet: each worker writes its batch as a small file of its own with
 * parquet-wasm (hyparquet-writer takes seven times as long for lists of
 * integers) and keeps the bytes of the row group. The footer lists all row
 * groups at their new places; hyparquet reads the small footers, and
 * hyparquet-writer writes the final one.
 */

import { createRequire } from "node:module";
import { DataType } from "apache-arrow";
import { type FileMetaData, parquetMetadata, type RowGroup, type SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import type { WriterPropertiesBuilder } from "parquet-wasm/node";
import { wholeStream } from "../arrow/ipc.ts";
import { columnOf } from "../columns/columns.ts";
import { fileBatch } from "../columns/record-batch.ts";
import { owned, textBytes } from "../files/bytes.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type {
  Compression,
  Encode,
  FileLayout,
  FormatContext,
  LastBytes,
  Written,
} from "./format.ts";

const FILE = "parquet";
const MAGIC = textBytes("PAR1");
const FOOTER_VERSION = 2;
/** Values encoded at once: with the library's thousand, writing takes a fifth longer. */
const VALUES_AT_ONCE = 16 * 1024;
/** The codecs by parquet-wasm's names. */
const CODECS = {
  none: "UNCOMPRESSED",
  snappy: "SNAPPY",
  zstd: "ZSTD",
  gzip: "GZIP",
} as const satisfies Record<Compression, string>;

const load = createRequire(import.meta.url);

/** Loaded when it is first used: its wasm takes 30 ms of each thread, also of those that write other formats. */
function library(): typeof import("parquet-wasm/node") {
  return load("parquet-wasm/node");
}

/** Encodes batches as row groups. */
export function parquetEncoder(context: FormatContext): Encode {
  return (rows) => {
    const file = littleFile(context, rows);
    const { row_groups } = metadataOf(file);
    const end = Math.max(...row_groups.flatMap(({ columns }) => columns.map(endOf)));
    const bytes = file.subarray(MAGIC.length, end);
    return { parts: [{ file: FILE, bytes }], meta: row_groups.map(toJson) };
  };
}

/** The file's magic and footer. */
export function parquetLayout(path: string, context: FormatContext): FileLayout {
  async function* finish(written: Written): AsyncGenerator<LastBytes> {
    const row_groups: RowGroup[] = [];
    for await (const { meta, starts } of written.batches()) {
      const moved = (starts[FILE] ?? 0) - MAGIC.length;
      for (const group of meta as JsonRowGroup[]) row_groups.push(fromJson(group, moved));
    }
    const isEmpty = row_groups.length === 0;
    yield { file: FILE, bytes: isEmpty ? emptyContent(context) : footer(context, row_groups) };
  }
  return { files: [{ file: FILE, path }], heads: [{ file: FILE, bytes: MAGIC }], finish };
}

function littleFile(context: FormatContext, rows: readonly OutputRow[]): Uint8Array<ArrayBuffer> {
  const batch = fileBatch(context, rows);
  const { Table, writeParquet } = library();
  const table = Table.fromIPCStream(wholeStream(batch));
  return owned(writeParquet(table, properties(context).build()));
}

/**
 * A file without rows, after its magic, by parquet-wasm: hyparquet-writer 0.17.0
 * declares the elements of an empty list of row groups to be bytes.
 */
function emptyContent(context: FormatContext): Uint8Array {
  const { Table, writeParquet } = library();
  const table = Table.fromIPCStream(wholeStream(fileBatch(context, [])));
  const withMetadata = properties(context).setKeyValueMetadata(context.metadata);
  return owned(writeParquet(table, withMetadata.build())).subarray(MAGIC.length);
}

/**
 * Dictionaries and statistics of token ids take more than half of the time and
 * help no reader. Readers skip row groups by the statistics of flat columns.
 */
function properties({ compression, columns }: FormatContext): WriterPropertiesBuilder {
  const { Compression, EnabledStatistics, WriterPropertiesBuilder } = library();
  const flat = columns.filter((name) => !DataType.isList(columnOf(name).type));
  return flat.reduce(
    (builder, name) => builder.setColumnStatisticsEnabled(name, EnabledStatistics.Chunk),
    new WriterPropertiesBuilder()
      .setCompression(Compression[CODECS[compression]])
      .setDictionaryEnabled(false)
      .setStatisticsEnabled(EnabledStatistics.None)
      .setWriteBatchSize(VALUES_AT_ONCE)
      .setCreatedBy("harmony-wasm-cli"),
  );
}

function metadataOf(file: Uint8Array<ArrayBuffer>): FileMetaData {
  return parquetMetadata(file.buffer);
}

type Chunk = RowGroup["columns"][number];

function endOf({ meta_data }: Chunk): number {
  if (!meta_data) throw new Error("a column chunk without metadata");
  const start = meta_data.dictionary_page_offset ?? meta_data.data_page_offset;
  return Number(start + meta_data.total_compressed_size);
}

/** The footer: the schema as parquet-wasm writes it, and every row group. */
function footer(context: FormatContext, row_groups: RowGroup[]): Uint8Array {
  const { schema, created_by, key_value_metadata } = metadataOf(littleFile(context, []));
  const metadata: Omit<FileMetaData, "metadata_length"> = {
    version: FOOTER_VERSION,
    schema: schema.map(asWritable),
    num_rows: row_groups.reduce((total, { num_rows }) => total + num_rows, 0n),
    row_groups,
    key_value_metadata: keyValues(context, key_value_metadata),
    ...(created_by === undefined ? {} : { created_by }),
  };
  const writer = new ByteWriter();
  writeMetadata(writer, metadata as FileMetaData);
  writer.appendBytes(MAGIC);
  return new Uint8Array(writer.getBuffer());
}

/**
 * hyparquet-writer 0.17.0 writes the width of an integer's logical type as an
 * i32 where the format has an i8, and pyarrow refuses the file; the converted
 * type says the same.
 */
function asWritable({ logical_type, ...element }: SchemaElement): SchemaElement {
  const isInteger = logical_type?.type === "INTEGER";
  return logical_type === undefined || isInteger ? element : { ...element, logical_type };
}

/** Our metadata, and the Arrow schema, without which `uint8` would be read as `int32`. */
function keyValues({ metadata }: FormatContext, own: FileMetaData["key_value_metadata"]) {
  const arrow = (own ?? []).filter(({ key }) => key === "ARROW:schema");
  return [...Array.from(metadata, ([key, value]) => ({ key, value })), ...arrow];
}

/** A row group as JSON, for the journal: its numbers are bigints. */
type JsonRowGroup = { text: string };

const BIGINT = /^-?\d+n$/;

function toJson(group: RowGroup): JsonRowGroup {
  const text = JSON.stringify(group, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return { text };
}

function fromJson({ text }: JsonRowGroup, moved: number): RowGroup {
  const group = JSON.parse(text, (_, value: unknown) =>
    typeof value === "string" && BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as RowGroup;
  const { file_offset, ...rest } = group;
  return {
    ...rest,
    ...(file_offset === undefined ? {} : { file_offset: file_offset + BigInt(moved) }),
    columns: group.columns.map((chunk) => movedChunk(chunk, BigInt(moved))),
  };
}

/** A column chunk at its place in the whole file, without the page index that was left out. */
function movedChunk({ meta_data, file_offset }: Chunk, moved: bigint): Chunk {
  if (!meta_data) throw new Error("a column chunk without metadata");
  const { dictionary_page_offset, data_page_offset, ...rest } = meta_data;
  return {
    file_offset: file_offset === 0n ? 0n : file_offset + moved,
    meta_data: {
      ...rest,
      data_page_offset: data_page_offset + moved,
      ...(dictionary_page_offset === undefined
        ? {}
        : { dictionary_page_offset: dictionary_page_offset + moved }),
    },
  };
}
