/** `harmony count`: counts the ids of conversations, or of a text. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { CommandError, EXIT } from "../exit.ts";
import { addSampleFlags, type SampleFlags, samplePlan } from "../options/sample-flags.ts";
import { renderedRows } from "../render/rendered-rows.ts";
import { counted, TextOutput, wholeText } from "../terminal/text-output.ts";

interface CountFlags extends SampleFlags {
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
  addSampleFlags(command).action(count);
}

async function count(input: string, flags: CountFlags): Promise<void> {
  const output = new TextOutput();
  if (flags.text) {
    await output.line(String(loadHarmonyEncodingSync().countTokens(await wholeText(input))));
    return output.end();
  }
  const total = { conversations: 0, samples: 0, tokens: 0, rejected: 0 };
  for await (const { given, rendered } of renderedRows(input, samplePlan(flags))) {
    total.conversations += 1;
    if ("error" in rendered) {
      total.rejected += 1;
      if (flags.each) await output.line(JSON.stringify({ row: given.row, error: rendered.error }));
      continue;
    }
    const tokens = rendered.samples.map((sample) => sample.tokens.length);
    total.samples += tokens.length;
    total.tokens += tokens.reduce((sum, each) => sum + each, 0);
    if (flags.each) await output.line(JSON.stringify({ row: given.row, tokens }));
  }
  if (!flags.each) await output.line(JSON.stringify(total));
  await output.end();
  if (total.rejected > 0) {
    throw new CommandError(
      `${counted(total.rejected, "row")} could not be rendered`,
      EXIT.rowsRejected,
    );
  }
}
