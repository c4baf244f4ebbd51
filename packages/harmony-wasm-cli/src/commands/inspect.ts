/** `harmony inspect`: one row, message by message, as coloured tokens. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";
import type { OutputRow } from "../columns/output-row.ts";
import { renderedRows } from "../conversation/rendered-rows.ts";
import { CommandError, EXIT } from "../exit.ts";
import { addSampleFlags, type SampleFlags } from "../options/flags.ts";
import { spanTitle, styled, tokensShown } from "../terminal/coloured.ts";
import { TextOutput } from "../terminal/text-output.ts";
import { idSamples, isIdFile } from "../tokens/id-samples.ts";

interface InspectFlags extends SampleFlags {
  row: string;
  ids?: boolean;
}

/** Adds the command. */
export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("show the tokens of one row: roles, channels, what has loss")
    .argument("[input]", "conversations, or a rendered file; - is stdin", "-")
    .option("--row <number>", "which row, from 0", "0")
    .option("--ids", "with the ids");
  addSampleFlags(command).action(inspect);
}

async function inspect(input: string, flags: InspectFlags): Promise<void> {
  const output = new TextOutput();
  for (const sample of await samplesOf(input, Number(flags.row), flags)) {
    await show(sample, flags, output);
  }
  await output.end();
}

async function samplesOf(input: string, row: number, flags: InspectFlags): Promise<OutputRow[]> {
  if (await isIdFile(input)) {
    for await (const sample of idSamples(input)) if (sample.sourceRow === row) return [sample];
  } else {
    for await (const { given, rendered } of renderedRows(input, flags)) {
      if (given.row !== row) continue;
      if ("samples" in rendered) return rendered.samples;
      const { code, path, message } = rendered.error;
      throw new CommandError(`row ${row}: ${code} ${path}: ${message}`, EXIT.rowsRejected);
    }
  }
  throw new CommandError(`${input} has no row ${row}`);
}

async function show(sample: OutputRow, flags: InspectFlags, output: TextOutput): Promise<void> {
  const encoding = loadHarmonyEncodingSync();
  const { tokens, lossMask } = sample;
  for (const span of spansOf(sample)) {
    const withLoss = lossMask.subarray(span.start, span.end).reduce((sum, each) => sum + each, 0);
    await output.line(spanTitle(span, withLoss));
    await output.line(tokensShown(encoding, tokens, lossMask, span.start, span.end));
    if (flags.ids)
      await output.line(styled("dim", tokens.subarray(span.start, span.end).join(" ")));
  }
  const last = sample.spans.at(-1)?.end ?? tokens.length;
  if (last < tokens.length) {
    await output.line(tokensShown(encoding, tokens, lossMask, last, tokens.length));
  }
}

/** A file without spans is one piece. */
function spansOf({ spans, tokens }: OutputRow): readonly MessageSpan[] {
  if (spans.length > 0) return spans;
  const whole = { start: 0, content_start: 0, content_end: tokens.length, end: tokens.length };
  return [{ message: 0, role: "assistant", ...whole }];
}
