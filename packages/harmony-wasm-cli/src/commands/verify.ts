/**
 * `harmony verify`: checks a rendered file. Its ids are parsed and rendered again,
 * its columns must agree with each other, and on request its ids are compared
 * with those of the conversations or of another file.
 */

import type { Command } from "commander";
import { firstDifference } from "../check/difference.ts";
import { type Finding, RowChecker } from "../check/row-checker.ts";
import { rowPairs } from "../check/row-pairs.ts";
import { sourceFindings } from "../check/source-check.ts";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN, idRows } from "../input/id-rows.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";

interface VerifyFlags {
  column: string;
  against?: string;
  againstColumn?: string;
  source?: string;
  show: string;
}

const EXAMPLES = `
Examples:
  harmony verify train.parquet --source train.jsonl
  harmony verify theirs.parquet --against ours.parquet`;

/** Adds the command. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("check a rendered file: parse its ids, compare it with its source")
    .addHelpText("after", EXAMPLES)
    .argument("<rendered>", "Parquet, Arrow or JSON lines with ids")
    .option(
      "--source <conversations>",
      "render these again with the options in the file's metadata, and compare",
    )
    .option("--against <ids>", "compare with ids from elsewhere, row by row")
    .option("--column <name>", "column of ids", IDS_COLUMN)
    .option("--against-column <name>", "column of ids in the other file (default: the same)")
    .option("--show <number>", "maximum number of findings to show", "10")
    .action(verify);
}

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  const output = new TextOutput();
  const checker = new RowChecker();
  const most = Number(flags.show);
  let rows = 0;
  let findings = 0;
  for await (const found of findingsOf(path, flags, checker)) {
    if (found === undefined) rows += 1;
    else if (++findings <= most) await output.line(JSON.stringify(found));
  }
  const { messages, unparsed } = checker;
  await output.line(JSON.stringify({ rows, messages, unparsed, findings }));
  await output.end();
  if (findings === 0) return;
  const advice = "harmony diff shows where ids differ";
  throw new CommandError(
    `${counted(findings, "finding")} in ${counted(rows, "row")}; ${advice}`,
    EXIT.different,
  );
}

/** The findings; yields undefined for each row that was checked. */
async function* findingsOf(
  path: string,
  flags: VerifyFlags,
  checker: RowChecker,
): AsyncGenerator<Finding | undefined> {
  for await (const row of idRows(path, flags.column)) {
    yield undefined;
    yield* checker.findings(row);
  }
  if (flags.source !== undefined) yield* sourceFindings(path, flags.column, flags.source);
  if (flags.against !== undefined) yield* againstFindings(path, flags.against, flags);
}

async function* againstFindings(
  path: string,
  against: string,
  { column, againstColumn }: VerifyFlags,
): AsyncGenerator<Finding> {
  const other = { path: against, column: againstColumn ?? column };
  for await (const { row, one, other: theirs } of rowPairs({ path, column }, other)) {
    if (!one || !theirs) {
      yield { row, check: "against", message: `${one ? against : path} does not have this row` };
      continue;
    }
    const position = firstDifference(one.ids, theirs.ids);
    if (position === undefined) continue;
    const message = `id ${one.ids[position] ?? "none"} here, ${theirs.ids[position] ?? "none"} there`;
    yield { row, check: "against", position, message };
  }
}
