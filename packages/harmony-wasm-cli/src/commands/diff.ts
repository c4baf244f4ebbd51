/** `harmony diff`: shows the first difference between two files of ids, with its context. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { type Context, contextAt, firstDifference } from "../check/difference.ts";
import { rowPairs } from "../check/row-pairs.ts";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN, type IdFile } from "../input/id-rows.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import { styled } from "../terminal/coloured.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";

interface DiffFlags extends WorkersFlag {
  column: string;
  otherColumn?: string;
}

const EXAMPLES = `
Examples:
  harmony diff ours.parquet theirs.jsonl --other-column ids
  harmony diff out/ again/`;

/** Adds the command. */
export function addDiff(program: Command): void {
  const command = program
    .command("diff")
    .description("show the first difference between two files of ids")
    .addHelpText("after", EXAMPLES)
    .argument("<one>", "JSON lines, Parquet or Arrow, or an output folder")
    .argument("<other>", "the same rows from elsewhere")
    .option("--column <name>", "column of ids", IDS_COLUMN)
    .option("--other-column <name>", "column of ids in the other file (default: the same)");
  addWorkersFlag(command).action(diff);
}

async function diff(one: string, other: string, flags: DiffFlags): Promise<void> {
  const left = { path: one, column: flags.column };
  const right = { path: other, column: flags.otherColumn ?? flags.column };
  const output = new TextOutput();
  const rows = await withWorkers(workersOf(flags), (threads) =>
    showFirst(left, right, output, threads),
  );
  await output.end();
  if (rows === undefined) throw new CommandError("the files differ", EXIT.different);
  await output.line(`${counted(rows, "row")}, no difference`);
  await output.end();
}

/** Shows the first difference and returns undefined; without one, returns the number of rows. */
async function showFirst(
  left: IdFile,
  right: IdFile,
  output: TextOutput,
  threads: BatchWorkers,
): Promise<number | undefined> {
  const encoding = loadHarmonyEncodingSync();
  let rows = 0;
  for await (const { row, one, other } of rowPairs(left, right, threads)) {
    rows += 1;
    if (!one || !other) {
      await output.line(`row ${row}: ${(one ? right : left).path} has ended`);
      return undefined;
    }
    const at = firstDifference(one.ids, other.ids);
    if (at === undefined) continue;
    const lengths = `${one.ids.length} and ${other.ids.length} ids`;
    await output.line(`row ${row}, position ${at} (${lengths})`);
    await output.line(`  both   …${JSON.stringify(contextAt(encoding, one.ids, at).before)}`);
    await output.line(shown("-", left.path, contextAt(encoding, one.ids, at)));
    await output.line(shown("+", right.path, contextAt(encoding, other.ids, at)));
    return undefined;
  }
  return rows;
}

function shown(sign: "-" | "+", path: string, { ids, text }: Context): string {
  const line = `${sign} ${path}\n${sign}   ${JSON.stringify(text)}\n${sign}   ${ids.join(" ")}`;
  return styled(sign === "-" ? "red" : "green", line);
}
