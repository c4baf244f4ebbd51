/**
 * Which format and compression an output path means. Without the encoders, whose
 * libraries take a quarter of a second to load.
 */

import type { ColumnName } from "../columns/columns.ts";
import { UsageError } from "../exit.ts";
import { COMPRESSIONS, type Compression, FORMAT_NAMES, type FormatName } from "./format.ts";
import { MEGATRON_COLUMNS } from "./megatron.ts";
import { NPY_COLUMNS } from "./npy.ts";

interface Choice {
  extension: RegExp;
  /** The usual extension, for files that the command line names. */
  usual: string;
  /** The compressions that it has; the first is the default. */
  compressions: readonly Compression[];
  /** The default columns, where they differ from those of other formats. */
  columns?: readonly ColumnName[];
}

const CHOICES: Readonly<Record<FormatName, Choice>> = {
  parquet: {
    extension: /\.parquet$/,
    usual: ".parquet",
    compressions: ["snappy", "zstd", "gzip", "none"],
  },
  arrow: { extension: /\.(arrow|feather|ipc)$/, usual: ".arrow", compressions: ["none"] },
  arrows: { extension: /\.arrows$/, usual: ".arrows", compressions: ["none"] },
  jsonl: {
    extension: /\.jsonl?(\.gz|\.zst)?$/,
    usual: ".jsonl",
    compressions: ["none", "gzip", "zstd"],
  },
  npy: { extension: /\.npy$/, usual: ".npy", compressions: ["none"], columns: NPY_COLUMNS },
  megatron: {
    extension: /\.(bin|idx)$/,
    usual: ".bin",
    compressions: ["none"],
    columns: MEGATRON_COLUMNS,
  },
};

/** The ends of the names of compressed JSON lines. */
const SUFFIXES: Readonly<Record<Compression, string>> = {
  gzip: ".gz",
  zstd: ".zst",
  snappy: "",
  none: "",
};

/** The format that a path's extension means. */
export function formatOf(path: string): FormatName {
  const name = FORMAT_NAMES.find((each) => CHOICES[each].extension.test(path));
  if (name) return name;
  throw new UsageError(
    `--output ${path}: no format has this extension; use .parquet, .arrow, .feather, .ipc, .arrows, .jsonl, .jsonl.gz, .jsonl.zst, .npy or .bin, or pass --format`,
  );
}

/** The compression that was asked for, else the path's, else the format's default. */
export function compressionOf(
  format: FormatName,
  path: string,
  asked: Compression | undefined,
): Compression {
  const { compressions } = CHOICES[format];
  const byName = path.endsWith(".gz") ? "gzip" : path.endsWith(".zst") ? "zstd" : undefined;
  const compression = asked ?? byName ?? compressions[0] ?? COMPRESSIONS[0];
  if (!compressions.includes(compression)) {
    throw new UsageError(
      `--compression ${compression}: ${format} supports ${compressions.join(", ")}`,
    );
  }
  if (format === "jsonl" && asked) refuseOtherName(path, asked);
  return compression;
}

/** Readers other than ours go by the name: `zcat` fails on zstd in a `.gz`. */
function refuseOtherName(path: string, asked: Compression): void {
  const [extension, suffix = ""] = CHOICES.jsonl.extension.exec(path) ?? [];
  if (extension === undefined || suffix === SUFFIXES[asked]) return;
  const name = path.slice(0, path.length - suffix.length) + SUFFIXES[asked];
  throw new UsageError(`--compression ${asked}: expected --output ${name}, got ${path}`);
}

/** The path of a split beside the main output: `out.parquet` has `out.validation.parquet`. */
export function splitPath(path: string, format: FormatName, split: string): string {
  const { extension } = CHOICES[format];
  return extension.test(path)
    ? path.replace(extension, (found) => `.${split}${found}`)
    : `${path}.${split}`;
}

/** The extension of a format's files. */
export function extensionOf(format: FormatName, compression: Compression): string {
  return format === "jsonl" ? `.jsonl${SUFFIXES[compression]}` : CHOICES[format].usual;
}

/** The default columns of a format, if it has its own. */
export function defaultColumns(format: FormatName): readonly ColumnName[] | undefined {
  return CHOICES[format].columns;
}
