/**
 * `harmony verify`: whether a rendered file is what it should be. Its ids are
 * parsed and rendered again; its columns have to agree with each other; and
 * where asked, its ids are compared with the conversations' or another file's.
 */

import type { Command } from "commander";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN, idRows } from "../input/id-rows.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";
import { firstDifference } from "../tokens/difference.ts";
import { type Finding, RowChecker } from "../tokens/row-checker.ts";
import { rowPairs } from "../tokens/row-pairs.ts";
import { sourceFindings } from "../tokens/source-check.ts";

interface VerifyFlags {
  column: string;
  against?: string;
  againstColumn?: string;
  source?: string;
  show: string;
}

/** Adds the command. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("check a rendered file: parse it again, compare it with what it was made of")
    .argument("<rendered>", "Parquet, Arrow or JSON lines with ids")
    .option("--source <conversations>", "render these again, as the file's metadata say")
    .option("--against <ids>", "compare with ids that were made elsewhere, row by row")
    .option("--column <name>", "the column of ids", IDS_COLUMN)
    .option("--against-column <name>", "the other file's, where it has another name")
    .option("--show <number>", "how many findings are shown", "10")
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

/** The findings; undefined stands for a row that was looked at. */
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
      yield { row, check: "against", message: `${one ? against : path} has no such row` };
      continue;
    }
    const position = firstDifference(one.ids, theirs.ids);
    if (position === undefined) continue;
    const message = `id ${one.ids[position] ?? "none"} here, ${theirs.ids[position] ?? "none"} there`;
    yield { row, check: "against", position, message };
  }
}
