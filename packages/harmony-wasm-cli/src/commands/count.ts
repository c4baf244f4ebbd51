/** `harmony count`: counts the ids of conversations, or of a text. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { openConversations } from "../check/conversations.ts";
import { addedTotals, type Totals } from "../check/counting.ts";
import { CommandError, EXIT, UsageError } from "../exit.ts";
import { inputNames } from "../input/inputs.ts";
import { addSampleFlags, type SampleFlags, samplePlan } from "../options/sample-flags.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import type { SamplePlan } from "../render/plan.ts";
import { counted, TextOutput, wholeText } from "../terminal/text-output.ts";

interface CountFlags extends SampleFlags, WorkersFlag {
  text?: boolean;
  each?: boolean;
}

const EXAMPLES = `
Examples:
  harmony count train.jsonl --analysis keep
  harmony count 'data/**/*.jsonl.zst'
  harmony count --text prompt.txt`;

/** Adds the command. */
export function addCount(program: Command): void {
  const command = program
    .command("count")
    .description("count the ids of conversations, or of plain text")
    .addHelpText("after", EXAMPLES)
    .argument("[inputs...]", "files, folders or globs, as render reads them, or text; - is stdin")
    .option("--text", "the input is plain text")
    .option("--each", "print one line of JSON per conversation");
  addSampleFlags(addWorkersFlag(command)).action(count);
}

async function count(names: string[], flags: CountFlags): Promise<void> {
  const output = new TextOutput();
  if (flags.text) return countText(names, output);
  const inputs = await inputNames(names);
  const plan = {
    plan: samplePlan(flags),
    each: flags.each ?? false,
    areSeveral: inputs.length > 1,
  };
  let total: Totals = { conversations: 0, samples: 0, tokens: 0, rejected: 0 };
  await withWorkers(workersOf(flags), async (threads) => {
    for (const input of inputs) {
      total = addedTotals(total, await countRows(input, plan, threads, output));
    }
  });
  if (!flags.each) await output.line(JSON.stringify(total));
  await output.end();
  if (total.rejected > 0) {
    throw new CommandError(
      `${counted(total.rejected, "row")} could not be rendered`,
      EXIT.rowsRejected,
    );
  }
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
  { plan, each, areSeveral }: CountPlan,
  threads: BatchWorkers,
  output: TextOutput,
): Promise<Totals> {
  const { samples, batches } = await openConversations(input, plan);
  let total: Totals = { conversations: 0, samples: 0, tokens: 0, rejected: 0 };
  const work = {
    kind: "count",
    options: { samples, each, ...(areSeveral && { file: input }) },
  } as const;
  for await (const { totals, lines } of threads.inOrder(work, batches)) {
    total = addedTotals(total, totals);
    await output.write(lines);
  }
  return total;
}
