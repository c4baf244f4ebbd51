/**
 * `harmony verify`: checks a rendered file. Its ids are parsed and rendered again,
 * its columns must agree with each other, and on request its ids are compared
 * with those of the conversations or of another file.
 */

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { firstDifference } from "../check/difference.ts";
import {
  type FolderFinding,
  folderFindings,
  hasRows,
  manifestsIn,
  rowFiles,
} from "../check/folder-check.ts";
import { countedNumbers } from "../check/numbers-check.ts";
import { endingsOf, recordedOptions } from "../check/recorded-options.ts";
import type { Finding } from "../check/row-checker.ts";
import { CHECKED_COLUMNS } from "../check/row-columns.ts";
import { rowPairs } from "../check/row-pairs.ts";
import { sourceFindings } from "../check/source-check.ts";
import { type WorkBatch, withWork } from "../check/work.ts";
import { CommandError, EXIT, UsageError } from "../exit.ts";
import { isFolder } from "../files/is-folder.ts";
import { IDS_COLUMN, type IdFile } from "../input/id-rows.ts";
import { inputFile } from "../input/inputs.ts";
import { givenBatches } from "../input/source.ts";
import { wholeNumber } from "../options/values.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";

interface VerifyFlags extends WorkersFlag {
  column: string;
  against?: string;
  againstColumn?: string;
  source?: string;
  show: number;
}

const EXAMPLES = `
Examples:
  harmony verify train.parquet --source train.jsonl
  harmony verify out/
  harmony verify theirs.parquet --against ours.parquet`;

/** Adds the command. */
export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("check a rendered file: parse its ids, compare it with its source")
    .addHelpText("after", EXAMPLES)
    .argument("<rendered>", "Parquet, Arrow or JSON lines with ids, or an output folder")
    .option(
      "--source <conversations>",
      "render these again with the options in the file's metadata, and compare",
    )
    .option("--against <ids>", "compare with ids from elsewhere, row by row; may be a folder too")
    .option("--column <name>", "column of ids", IDS_COLUMN)
    .option("--against-column <name>", "column of ids in the other file (default: the same)")
    .option("--show <number>", "maximum number of findings to show", wholeNumber, 10);
  addWorkersFlag(command).action(verify);
}

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  if (flags.againstColumn !== undefined && flags.against === undefined) {
    throw new UsageError("--against-column requires --against <ids>");
  }
  const output = new TextOutput();
  const counts = { rows: 0, messages: 0, unparsed: 0, findings: 0 };
  await withWorkers(workersOf(flags), async (threads) => {
    const findings = isFolder(path)
      ? findingsInFolder(path, flags, threads, counts)
      : findingsOf({ path, column: flags.column }, flags, threads, counts);
    for await (const found of findings) {
      if (++counts.findings <= flags.show) await output.line(JSON.stringify(found));
    }
  });
  await output.line(JSON.stringify(counts));
  await output.end();
  const { rows, findings } = counts;
  if (findings === 0) return;
  const advice = "harmony diff shows where ids differ";
  throw new CommandError(
    `${counted(findings, "finding")} in ${counted(rows, "row")}; ${advice}`,
    EXIT.different,
  );
}

interface Counts {
  rows: number;
  messages: number;
  unparsed: number;
}

async function* findingsOf(
  file: IdFile,
  { source, against, againstColumn }: VerifyFlags,
  threads: BatchWorkers,
  counts: Counts,
): AsyncGenerator<Finding> {
  for await (const { finding } of rowFindings([file.path], file.column, threads, counts)) {
    yield finding;
  }
  if (source !== undefined) yield* sourceFindings(file, source, threads);
  if (against === undefined) return;
  const other = { path: against, column: againstColumn ?? file.column };
  yield* againstFindings(file, other, threads);
}

/** Checks a folder against its manifests, and the rows of each part. */
async function* findingsInFolder(
  folder: string,
  { column, source, against, againstColumn }: VerifyFlags,
  threads: BatchWorkers,
  counts: Counts,
): AsyncGenerator<FolderFinding | (Finding & { file?: string })> {
  if (source !== undefined) {
    throw new UsageError(
      `--source needs one file; render the source again into another folder, and compare: harmony diff ${folder} <other>`,
    );
  }
  const manifests = manifestsIn(folder);
  yield* folderFindings(folder, manifests);
  const parts = Array.from(rowFiles(manifests), (path) => join(folder, path)).filter(existsSync);
  const fileOf = (part: string) => relative(folder, part);
  for (const part of parts.filter((each) => !hasRows(each))) {
    const { rows = 0, fault } = (await countedNumbers(part)) ?? {};
    counts.rows += rows;
    if (fault) yield { file: fileOf(part), check: "columns", message: fault };
  }
  for await (const { path, finding } of rowFindings(
    parts.filter(hasRows),
    column,
    threads,
    counts,
  )) {
    yield { file: fileOf(path), ...finding };
  }
  if (against === undefined) return;
  const other = { path: against, column: againstColumn ?? column };
  yield* againstFindings({ path: folder, column }, other, threads);
}

/** Checks each row of some files by itself, and counts. */
async function* rowFindings(
  paths: readonly string[],
  column: string,
  threads: BatchWorkers,
  counts: Counts,
): AsyncGenerator<{ path: string; finding: Finding }> {
  for await (const done of threads.inOrder(batchesOf(paths, column))) {
    counts.rows += done.rows;
    counts.messages += done.messages;
    counts.unparsed += done.unparsed;
    for (const finding of done.findings) yield { path: done.path, finding };
  }
}

async function* batchesOf(
  paths: readonly string[],
  column: string,
): AsyncGenerator<WorkBatch<"check">> {
  for (const path of paths) {
    const batches = await givenBatches(await inputFile(path), [column, ...CHECKED_COLUMNS]);
    const endings = endingsOf(await recordedOptions(path));
    yield* withWork({ kind: "check", options: { column, endings } }, path, batches);
  }
}

async function* againstFindings(
  file: IdFile,
  against: IdFile,
  threads: BatchWorkers,
): AsyncGenerator<Finding> {
  for await (const { row, one, other } of rowPairs(file, against, threads)) {
    if (!one || !other) {
      const { path } = one ? against : file;
      yield { row, check: "against", message: `${path} does not have this row` };
      continue;
    }
    const position = firstDifference(one.ids, other.ids);
    if (position === undefined) continue;
    const message = `id ${one.ids[position] ?? "none"} here, ${other.ids[position] ?? "none"} there`;
    yield { row, check: "against", position, message };
  }
}
