/** `harmony count`: counts the ids of conversations, or of a text. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { addedTotals, type LineOptions, NO_TOTALS, type Totals } from "../check/counting.ts";
import { COUNTED_COLUMNS } from "../check/id-samples.ts";
import { rowInputs } from "../check/row-inputs.ts";
import { rowWork } from "../check/row-work.ts";
import { UsageError } from "../exit.ts";
import { addIdFlags, chosenSampleFlag, type IdFlags, samplePlan } from "../options/sample-flags.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import type { SamplePlan } from "../render/plan.ts";
import { addedFailures, type Failure, failedRows } from "../rows/failures.ts";
import type { InputFile } from "../storage/input-file.ts";
import { TextOutput, wholeText } from "../terminal/text-output.ts";
import { reportRejected } from "./reported.ts";

interface CountFlags extends IdFlags, WorkersFlag {
  text?: boolean;
  each?: boolean;
}

const EXAMPLES = `
Examples:
  harmony count train.jsonl --analysis keep
  harmony count 'data/**/*.jsonl.zst'
  harmony count out/
  harmony count --text prompt.txt`;

/** Adds the command. */
export function addCount(program: Command): void {
  const command = program
    .command("count")
    .description("count the ids of conversations, of rendered rows, or of plain text")
    .addHelpText("after", EXAMPLES)
    .argument(
      "[inputs...]",
      "files, folders or globs of conversations or rendered rows, or text; - is stdin",
    )
    .option("--text", "the input is plain text")
    .option("--each", "print one line of JSON per conversation");
  addIdFlags(addWorkersFlag(command)).action(count);
}

async function count(names: string[], flags: CountFlags, command: Command): Promise<void> {
  const output = new TextOutput();
  const flag = chosenSampleFlag(command);
  if (flags.text) {
    refuseWithText(flags.each ? "--each" : flag);
    return countText(names, output);
  }
  const inputs = await rowInputs(names);
  const plan = {
    plan: samplePlan(flags),
    flag,
    lines: { each: flags.each ?? false, namesFile: inputs.length > 1 },
  };
  const { total, failures } = await withWorkers(workersOf(flags), (threads) =>
    countRows(inputs, plan, threads, output),
  );
  if (!flags.each) await output.line(asJson(total, failedRows(failures)));
  await output.end();
  reportRejected(failures);
}

function asJson({ conversations, samples, tokens: ids }: Totals, rejected: number): string {
  return JSON.stringify({ conversations, samples, ids, rejected });
}

async function countText([input = "-", ...others]: string[], output: TextOutput): Promise<void> {
  if (others.length > 0) throw new UsageError("--text counts one input");
  await output.line(String(loadHarmonyEncodingSync().countTokens(await wholeText(input))));
  return output.end();
}

function refuseWithText(flag: string | undefined): void {
  if (flag === undefined) return;
  throw new UsageError(`--text cannot be combined with ${flag}, which requires conversations`);
}

interface CountPlan {
  plan: SamplePlan;
  flag: string | undefined;
  lines: LineOptions;
}

async function countRows(
  inputs: readonly InputFile[],
  { plan, flag, lines: options }: CountPlan,
  threads: BatchWorkers,
  output: TextOutput,
): Promise<{ total: Totals; failures: readonly Failure[] }> {
  let total = NO_TOTALS;
  let failures: readonly Failure[] = [];
  const batches = rowWork(inputs, {
    columns: COUNTED_COLUMNS,
    ids: { kind: "countIds", options },
    plan,
    flag,
    conversations: (samples) => ({ kind: "count", options: { ...options, samples } }),
  });
  for await (const { totals, failures: own, lines } of threads.inOrder(batches)) {
    total = addedTotals(total, totals);
    failures = addedFailures(failures, own);
    await output.write(lines);
  }
  return { total, failures };
}
