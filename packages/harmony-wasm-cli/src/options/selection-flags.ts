/** The flags that choose which rows are written, and into which split. */

import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";
import { isAddress } from "../remote/location.ts";
import { type SplitOptions, sharesOf } from "../selection/split.ts";

/** The flags as commander reads them. */
export interface SelectionFlags {
  dedupe?: boolean;
  dedupeMemory?: number;
  split?: string[];
  splitBy?: string;
  splitSeed?: string;
}

/** Enough for 40 million rows. */
const DEFAULT_MEMORY = 1e9;
const UNITS: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** Adds the flags of {@link SelectionFlags}. */
export function addSelectionFlags(command: Command): Command {
  return command
    .optionsGroup("Selection:")
    .option("--dedupe", "leave out samples whose ids are those of an earlier sample")
    .option(
      "--dedupe-memory <size>",
      "most memory for --dedupe, as 4GB: 25 bytes a sample (default: 1GB)",
      memorySize,
    )
    .option(
      "--split <name=share>",
      "write a share of the rows to files of their own, as validation=1%; may be repeated",
      (text: string, before: string[] = []) => [...before, text],
    )
    .option("--split-by <field>", "with --split: keep rows with one value of this field together")
    .option("--split-seed <text>", "with --split: draw other rows");
}

/** The most bytes for the digests; undefined without `--dedupe`. */
export function dedupeBytes({ dedupe, dedupeMemory }: SelectionFlags): number | undefined {
  if (dedupe) return dedupeMemory ?? DEFAULT_MEMORY;
  if (dedupeMemory === undefined) return undefined;
  throw new UsageError("--dedupe-memory requires --dedupe");
}

/** How rows are split; undefined without `--split`. */
export function splitOptions(
  flags: SelectionFlags,
  output: string,
  isFolder: boolean,
): SplitOptions | undefined {
  const { split, splitBy, splitSeed } = flags;
  if (split === undefined) {
    if (splitBy === undefined && splitSeed === undefined) return undefined;
    throw new UsageError("--split-by and --split-seed require --split");
  }
  if (output === "-") {
    throw new UsageError("--split: stdout holds one file; use a file or a folder as --output");
  }
  if (isAddress(output) && !isFolder) {
    throw new UsageError("--split: a remote output must be a folder, such as s3://bucket/out/");
  }
  const by = splitBy === undefined ? {} : { by: splitBy };
  return { shares: sharesOf(split), ...by, seed: splitSeed ?? "" };
}

function memorySize(text: string): number {
  const [, digits, unit = ""] = /^([1-9]\d*)(KB|MB|GB)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError("Expected a whole number of KB, MB or GB, such as 500MB or 4GB.");
}
