/** `harmony inspect`: shows the coloured tokens of one row, message by message. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";
import { openSamples } from "../check/id-samples.ts";
import { CommandError, EXIT } from "../exit.ts";
import { addSampleFlags, type SampleFlags, samplePlan } from "../options/sample-flags.ts";
import { rowNumber } from "../options/values.ts";
import { renderedRows } from "../render/rendered-rows.ts";
import type { OutputRow } from "../rows/output-row.ts";
import { spanTitle, styled, tokensShown } from "../terminal/coloured.ts";
import { TextOutput } from "../terminal/text-output.ts";
import { reported } from "./reported.ts";

interface InspectFlags extends SampleFlags {
  row: number;
  ids?: boolean;
}

/** Adds the command. */
export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("show the tokens of one row: roles, channels, and the ids that are trained on")
    .argument("[input]", "conversations, or a rendered file; - is stdin", "-")
    .option("--row <number>", "row to show, from 0", rowNumber, 0)
    .option("--ids", "also show the ids");
  addSampleFlags(command).action(inspect);
}

async function inspect(input: string, flags: InspectFlags): Promise<void> {
  const output = new TextOutput();
  for (const sample of await samplesOf(input, flags.row, flags)) {
    for (const line of reported(() => shown(sample, flags), `${input}, row ${flags.row}`)) {
      await output.line(line);
    }
  }
  await output.end();
}

async function samplesOf(input: string, row: number, flags: InspectFlags): Promise<OutputRow[]> {
  const opened = await openSamples(input);
  if (opened.ids) {
    for await (const sample of opened.ids) if (sample.sourceRow === row) return [sample];
  } else {
    for await (const { given, rendered } of renderedRows(
      input,
      samplePlan(flags),
      opened.batches,
    )) {
      if (given.row !== row) continue;
      if ("samples" in rendered) return rendered.samples;
      const { code, path, message } = rendered.error;
      const place = path === "" ? code : `${code} at ${path}`;
      throw new CommandError(`row ${row}: ${place}: ${message}`, EXIT.rowsRejected);
    }
  }
  throw new CommandError(`${input} has no row ${row}`);
}

function shown(sample: OutputRow, flags: InspectFlags): string[] {
  const encoding = loadHarmonyEncodingSync();
  const { tokens, lossMask } = sample;
  const lines = spansOf(sample).flatMap((span) => {
    const { start, end } = span;
    const trained = lossMask.subarray(start, end).reduce((sum, each) => sum + each, 0);
    const text = tokensShown(encoding, tokens, lossMask, start, end);
    const ids = flags.ids ? [styled("dim", tokens.subarray(start, end).join(" "))] : [];
    return [spanTitle(span, trained), text, ...ids];
  });
  const last = sample.spans.at(-1)?.end ?? tokens.length;
  if (last === tokens.length) return lines;
  return [...lines, tokensShown(encoding, tokens, lossMask, last, tokens.length)];
}

/** A row without spans is shown in one piece. */
function spansOf({ spans, tokens }: OutputRow): readonly MessageSpan[] {
  if (spans.length > 0) return spans;
  const whole = { start: 0, content_start: 0, content_end: tokens.length, end: tokens.length };
  return [{ message: 0, role: "assistant", ...whole }];
}
