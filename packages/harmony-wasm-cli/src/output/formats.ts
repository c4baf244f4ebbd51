/** The table of formats: which one a path means, and its two sides. */

import type { ColumnName } from "../columns/names.ts";
import { UsageError } from "../exit.ts";
import { arrowEncoder, arrowLayout } from "./arrow.ts";
import type { Compression, Encode, FormatContext, FormatName, Layout } from "./format.ts";
import { jsonlEncoder, jsonlLayout } from "./jsonl.ts";
import { MEGATRON_COLUMNS, megatronEncoder, megatronLayout } from "./megatron.ts";
import { NPY_COLUMNS, npyEncoder, npyLayout } from "./npy.ts";
import { parquetEncoder, parquetLayout } from "./parquet.ts";

interface Format {
  extension: RegExp;
  compressions: readonly Compression[];
  encoder: (context: FormatContext) => Encode;
  layout: (path: string, context: FormatContext) => Layout;
  /** The columns when none are asked for, where they are not those of all formats. */
  columns?: readonly ColumnName[];
}

const FORMATS: Readonly<Record<FormatName, Format>> = {
  parquet: {
    extension: /\.parquet$/,
    compressions: ["snappy", "zstd", "gzip", "none"],
    encoder: parquetEncoder,
    layout: parquetLayout,
  },
  arrow: {
    extension: /\.(arrow|feather|ipc)$/,
    compressions: ["none"],
    encoder: arrowEncoder,
    layout: arrowLayout,
  },
  jsonl: {
    extension: /\.jsonl?(\.gz|\.zst)?$/,
    compressions: ["none", "gzip", "zstd"],
    encoder: jsonlEncoder,
    layout: jsonlLayout,
  },
  npy: {
    extension: /\.npy$/,
    compressions: ["none"],
    encoder: npyEncoder,
    layout: npyLayout,
    columns: NPY_COLUMNS,
  },
  megatron: {
    extension: /\.(bin|idx)$/,
    compressions: ["none"],
    encoder: megatronEncoder,
    layout: megatronLayout,
    columns: MEGATRON_COLUMNS,
  },
};

/** The format that a path's extension means. */
export function formatOf(path: string): FormatName {
  for (const [name, { extension }] of Object.entries(FORMATS)) {
    if (extension.test(path)) return name as FormatName;
  }
  throw new UsageError(
    `--output ${path}: its extension means no format; use .parquet, .arrow, .jsonl, .npy or .bin, or say --format`,
  );
}

/** The compression that was asked for, or the path's, or the format's first. */
export function compressionOf(
  format: FormatName,
  path: string,
  asked: Compression | undefined,
): Compression {
  const { compressions } = FORMATS[format];
  const byName = path.endsWith(".gz") ? "gzip" : path.endsWith(".zst") ? "zstd" : undefined;
  const compression = asked ?? byName ?? compressions[0] ?? "none";
  if (compressions.includes(compression)) return compression;
  throw new UsageError(`--compression ${compression}: ${format} has ${compressions.join(", ")}`);
}

/** The format's own default columns. */
export function defaultColumns(format: FormatName): readonly ColumnName[] | undefined {
  return FORMATS[format].columns;
}

/** The worker's side of a format. */
export function encoderOf(context: FormatContext): Encode {
  return FORMATS[context.format].encoder(context);
}

/** The main thread's side of a format. */
export function layoutOf(path: string, context: FormatContext): Layout {
  return FORMATS[context.format].layout(path, context);
}
