/** `harmony count`: counts the ids of conversations, or of a text. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { conversationsIn } from "../check/conversations.ts";
import { addedTotals, type CountedBatch, NO_TOTALS, type Totals } from "../check/counting.ts";
import { openRows } from "../check/id-samples.ts";
import { rowInputs } from "../check/row-inputs.ts";
import { UsageError } from "../exit.ts";
import { addIdFlags, type IdFlags, samplePlan } from "../options/sample-flags.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import type { SamplePlan } from "../render/plan.ts";
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

async function count(names: string[], flags: CountFlags): Promise<void> {
  const output = new TextOutput();
  if (flags.text) return countText(names, output);
  const inputs = await rowInputs(names);
  const plan = {
    plan: samplePlan(flags),
    each: flags.each ?? false,
    areSeveral: inputs.length > 1,
  };
  let total = NO_TOTALS;
  await withWorkers(workersOf(flags), async (threads) => {
    for (const input of inputs) {
      total = addedTotals(total, await countRows(input, plan, threads, output));
    }
  });
  if (!flags.each) await output.line(JSON.stringify(total));
  await output.end();
  reportRejected(total.rejected);
}

async function countText([input = "-", ...others]: string[], output: TextOutput): Promise<void> {
  if (others.length > 0) throw new UsageError("--text counts one input");
  await output.line(String(loadHarmonyEncodingSync().countTokens(await wholeText(input))));
  return output.end();
}

interface CountPlan {
  plan: SamplePlan;
  each: boolean;
  /** Whether a line has to name its file. */
  areSeveral: boolean;
}

async function countRows(
  input: string,
  plan: CountPlan,
  threads: BatchWorkers,
  output: TextOutput,
): Promise<Totals> {
  let total = NO_TOTALS;
  for await (const { totals, lines } of await countedBatches(input, plan, threads)) {
    total = addedTotals(total, totals);
    await output.write(lines);
  }
  return total;
}

/** Rendered rows have their ids; conversations are rendered. */
async function countedBatches(
  input: string,
  { plan, each, areSeveral }: CountPlan,
  threads: BatchWorkers,
): Promise<AsyncGenerator<CountedBatch>> {
  const opened = await openRows(input);
  const lines = { each, ...(areSeveral && { file: input }) };
  if (opened.hasIds) {
    return threads.inOrder(
      { kind: "countIds", options: { ...lines, path: input } },
      opened.batches,
    );
  }
  const { samples, batches } = await conversationsIn(opened.batches, plan, input);
  return threads.inOrder({ kind: "count", options: { ...lines, samples } }, batches);
}
