/** The flags of `harmony render`, and the plans they make. */

import { type Command, Option } from "commander";
import { columnsNamed, DEFAULT_COLUMNS, PACKED_COLUMNS } from "../columns/choice.ts";
import { type ColumnName, isColumnName } from "../columns/columns.ts";
import { UsageError } from "../exit.ts";
import { compressionOf, defaultColumns, formatOf } from "../formats/choice.ts";
import {
  COMPRESSIONS,
  type Compression,
  FORMAT_NAMES,
  type FormatName,
} from "../formats/format.ts";
import { isAddress, locationOf } from "../remote/location.ts";
import { requireWritable } from "../remote/stores.ts";
import type { RenderPlan, ShardOptions } from "../render/plan.ts";
import { addPackFlags, type PackFlags, packOptions } from "./pack-flags.ts";
import { type ReportFlag, reportOption, reportPaths } from "./report-flag.ts";
import { addSampleFlags, type SampleFlags, samplePlan } from "./sample-flags.ts";
import {
  addSelectionFlags,
  dedupeBytes,
  type SelectionFlags,
  splitOptions,
} from "./selection-flags.ts";
import { addShardFlags, type ShardFlags, shardOptions } from "./shard-flags.ts";
import { addShuffleFlags, type ShuffleFlags, shuffleOptions } from "./shuffle-flags.ts";
import { namesOf, wholeNumber } from "./values.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "./workers-flag.ts";

/** The flags as commander reads them. */
export interface RenderFlags
  extends SampleFlags,
    ShardFlags,
    ShuffleFlags,
    SelectionFlags,
    ReportFlag,
    PackFlags,
    WorkersFlag {
  format?: FormatName;
  compression?: Compression;
  columns?: string;
  carry?: string[];
  maxRejected?: number;
  resume: boolean;
  overwrite: boolean;
  staging?: string;
  quiet: boolean;
  arrowStdio?: boolean;
  column?: string;
}

/** Adds the flags of {@link RenderFlags}. */
export function addRenderFlags(command: Command): Command {
  return addPackFlags(
    addSelectionFlags(
      addSampleFlags(addRunFlags(addShuffleFlags(addShardFlags(addOutputFlags(command))))),
    ),
  );
}

function addOutputFlags(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option(
      "-o, --output <path>",
      "output: .parquet, .arrow, .arrows, .jsonl, .npy, .bin; a folder, as out/; s3://, gs://, hf://; - is stdout",
    )
    .addOption(
      new Option(
        "--format <name>",
        "format, instead of the extension's (of a folder: parquet)",
      ).choices(FORMAT_NAMES),
    )
    .addOption(
      new Option("--compression <name>", "compression of Parquet and JSON lines").choices(
        COMPRESSIONS,
      ),
    )
    .option("--columns <names>", "columns to write, separated by commas")
    .option("--carry <names>", "fields of the input rows to write too, such as id,source", namesOf);
}

function addRunFlags(command: Command): Command {
  return addWorkersFlag(command.optionsGroup("Run:"))
    .option("--max-rejected <rows>", "stop after more rejected rows than this", wholeNumber)
    .option("--resume", "continue a run that was stopped", false)
    .option("--overwrite", "replace existing files", false)
    .option(
      "--staging <folder>",
      "local folder for the files of a remote output, until they are stored",
    )
    .option("--quiet", "print no progress on stderr", false)
    .addOption(reportOption())
    .option("--arrow-stdio", "answer Arrow record batches on stdin with batches on stdout")
    .option(
      "--column <name>",
      "with --arrow-stdio: the column of JSON text (default: conversation)",
    );
}

/** The plan of a run from its inputs to an output. */
export function renderPlan(
  inputs: readonly string[],
  flags: RenderFlags,
  isAnalysisChosen: boolean,
): RenderPlan {
  const { output, resume, overwrite } = flags;
  if (output === undefined) throw new UsageError("missing --output <path>; - is stdout");
  if (output === "-" && resume)
    throw new UsageError("--resume: output to stdout cannot be resumed");
  if (flags.column !== undefined) throw new UsageError("--column requires --arrow-stdio");
  refuseOutput(flags);
  const shards = shardOptions(flags);
  const shuffle = shuffleOptions(flags, inputs, resume);
  const format = flags.format ?? formatFor(output, shards);
  const pack = packOptions(flags);
  const bytes = dedupeBytes(flags);
  const split = splitOptions(flags, output, shards !== undefined);
  return {
    inputs,
    output,
    ...(shards && { shards }),
    ...(shuffle && { shuffle }),
    samples: samplePlan(flags, pack?.length),
    ...(pack && { pack }),
    columns: columnsOf(flags, format, shards !== undefined),
    carry: carryOf(flags, format),
    ...(bytes !== undefined && { dedupeBytes: bytes }),
    ...(split && { split }),
    reports: reportPaths(flags, output),
    format: { format, compression: compressionOf(format, output, flags.compression) },
    existing: { resume, overwrite },
    ...(flags.staging !== undefined && { staging: flags.staging }),
    ...(flags.maxRejected !== undefined && { maxRejected: flags.maxRejected }),
    workers: workersOf(flags),
    isQuiet: flags.quiet,
    isAnalysisChosen,
  };
}

/** Fails before any input is read. */
function refuseOutput({ output = "", staging }: RenderFlags): void {
  if (isAddress(output)) requireWritable(locationOf(output));
  else if (staging !== undefined) {
    throw new UsageError("--staging requires an --output such as s3://bucket/out/");
  }
}

function formatFor(output: string, shards: ShardOptions | undefined): FormatName {
  if (output === "-") return "jsonl";
  return shards ? "parquet" : formatOf(output);
}

/** The rows of a folder come from many files, so they also have the names of these. */
function columnsOf(
  { columns, pack }: RenderFlags,
  format: FormatName,
  isFolder: boolean,
): readonly ColumnName[] {
  if (columns) return columnsNamed(columns, pack !== undefined);
  const own = pack === undefined ? defaultColumns(format) : undefined;
  if (own) return own;
  const usual = pack === undefined ? DEFAULT_COLUMNS : PACKED_COLUMNS;
  if (!isFolder || format === "npy" || format === "megatron") return usual;
  return [...usual, pack === undefined ? "source_file" : "source_files"];
}

/** Each field once; refuses formats and rows that cannot hold one, and names that are taken. */
function carryOf({ carry = [], pack }: RenderFlags, format: FormatName): string[] {
  if (carry.length === 0) return [];
  if (pack !== undefined) {
    throw new UsageError(
      "--carry cannot be combined with --pack: a packed row has many input rows",
    );
  }
  if (format === "npy" || format === "megatron") {
    throw new UsageError(`--carry requires Parquet, Arrow or JSON lines, got ${format}`);
  }
  const taken = carry.find((name) => name === "" || isColumnName(name));
  if (taken === undefined) return [...new Set(carry)];
  throw new UsageError(`--carry: expected the name of an input field, got "${taken}", a column`);
}
