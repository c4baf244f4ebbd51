/** `harmony count`: counts the ids of conversations, or of a text. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import { openConversations } from "../check/conversations.ts";
import { addedTotals, type Totals } from "../check/counting.ts";
import { CommandError, EXIT } from "../exit.ts";
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
  harmony count --text prompt.txt`;

/** Adds the command. */
export function addCount(program: Command): void {
  const command = program
    .command("count")
    .description("count the ids of conversations, or of plain text")
    .addHelpText("after", EXAMPLES)
    .argument("[input]", "conversations as render reads them, or text; - is stdin", "-")
    .option("--text", "the input is plain text")
    .option("--each", "print one line of JSON per conversation");
  addSampleFlags(addWorkersFlag(command)).action(count);
}

async function count(input: string, flags: CountFlags): Promise<void> {
  const output = new TextOutput();
  if (flags.text) {
    await output.line(String(loadHarmonyEncodingSync().countTokens(await wholeText(input))));
    return output.end();
  }
  const plan = samplePlan(flags);
  const total = await withWorkers(workersOf(flags), (threads) =>
    countRows(input, { plan, each: flags.each ?? false }, threads, output),
  );
  if (!flags.each) await output.line(JSON.stringify(total));
  await output.end();
  if (total.rejected > 0) {
    throw new CommandError(
      `${counted(total.rejected, "row")} could not be rendered`,
      EXIT.rowsRejected,
    );
  }
}

interface CountPlan {
  plan: SamplePlan;
  each: boolean;
}

async function countRows(
  input: string,
  { plan, each }: CountPlan,
  threads: BatchWorkers,
  output: TextOutput,
): Promise<Totals> {
  const { samples, batches } = await openConversations(input, plan);
  let total: Totals = { conversations: 0, samples: 0, tokens: 0, rejected: 0 };
  const work = { kind: "count", options: { samples, each } } as const;
  for await (const { totals, lines } of threads.inOrder(work, batches)) {
    total = addedTotals(total, totals);
    await output.write(lines);
  }
  return total;
}
