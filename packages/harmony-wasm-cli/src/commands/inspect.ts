/** `harmony inspect`: shows the coloured tokens of one row, message by message. */

import type { Command } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";
import { samplesOf } from "../check/conversations.ts";
import { openRows, SAMPLE_COLUMNS, samplesIn } from "../check/id-samples.ts";
import { refuseFlag } from "../check/row-work.ts";
import { CommandError, EXIT } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import type { GivenBatch, InputBatch } from "../input/batch.ts";
import { inputFile } from "../input/inputs.ts";
import { loaded } from "../input/row-groups.ts";
import { rowTexts } from "../input/row-texts.ts";
import {
  addSampleFlags,
  chosenSampleFlag,
  type SampleFlags,
  samplePlan,
} from "../options/sample-flags.ts";
import { wholeNumber } from "../options/values.ts";
import { firstUserOf, gapsIn } from "../render/left-out.ts";
import { Renderer } from "../render/renderer.ts";
import type { OutputRow } from "../rows/output-row.ts";
import { spanTitle, styled, tokensShown } from "../terminal/coloured.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";
import { reported } from "./reported.ts";

interface InspectFlags extends SampleFlags {
  row: number;
  ids?: boolean;
}

const EXAMPLES = `
Examples:
  harmony inspect train.jsonl --row 3
  harmony inspect train.parquet --ids`;

/** Adds the command. */
export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("show the tokens of one row: roles, channels, and the ids that are trained on")
    .addHelpText("after", EXAMPLES)
    .argument("[input]", "conversations, or a rendered file; - is stdin", "-")
    .option("--row <number>", "row to show, from 0", wholeNumber, 0)
    .option("--ids", "also show the ids");
  addSampleFlags(command).action(inspect);
}

async function inspect(input: string, flags: InspectFlags, command: Command): Promise<void> {
  const output = new TextOutput();
  const { samples, leftOut } = await inspected(input, flags, chosenSampleFlag(command));
  for (const sample of samples) {
    const place = `${input}, row ${flags.row}`;
    for (const line of reported(() => shown(sample, flags, leftOut), place)) {
      await output.line(line);
    }
  }
  await output.end();
}

/** The samples of a row, and what to say of a message that a sample does not have. */
interface Inspected {
  samples: readonly OutputRow[];
  leftOut: (message: number, sample: OutputRow) => string;
}

async function inspected(
  input: string,
  flags: InspectFlags,
  flag: string | undefined,
): Promise<Inspected> {
  const { row } = flags;
  const { hasIds, first, batches } = await openRows(await inputFile(input), SAMPLE_COLUMNS);
  if (hasIds) refuseFlag(flag, input);
  const renderer = hasIds ? undefined : new Renderer(samplesOf(first, samplePlan(flags), input));
  let rows = 0;
  for await (const given of batches) {
    rows = given.firstRow + given.length;
    if (row >= rows) continue;
    const batch = await batchWith(given, row);
    const found = renderer
      ? renderedRow(batch, row, renderer, flags)
      : [...samplesIn(batch, input)].find(({ sourceRow }) => sourceRow === row);
    if (!found) break;
    return "samples" in found ? found : { samples: [found], leftOut: () => "left out" };
  }
  const name = inputName(input);
  if (rows === 0) throw new CommandError(`${name} has no rows`);
  throw new CommandError(`${name} has no row ${row}: it has ${counted(rows, "row")}, from row 0`);
}

/** The batch that has a row. */
async function batchWith(given: GivenBatch, row: number): Promise<InputBatch> {
  for await (const batch of loaded(given)) if (row < batch.firstRow + batch.length) return batch;
  throw new Error(`row ${row} is not in its row group`);
}

function renderedRow(
  batch: InputBatch,
  row: number,
  renderer: Renderer,
  flags: InspectFlags,
): Inspected | undefined {
  const given = [...rowTexts(batch)].find((each) => each.row === row);
  if (!given) return undefined;
  const rendered = renderer.renderRow(given);
  if ("samples" in rendered) return { ...rendered, leftOut: leftOutBy(flags) };
  const { code, path, message } = rendered.error;
  const place = path === "" ? code : `${code} at ${path}`;
  throw new CommandError(`row ${row}: ${place}: ${message}`, EXIT.rowsRejected);
}

function leftOutBy({ analysis, truncation }: InspectFlags): Inspected["leftOut"] {
  return (message, sample) =>
    truncation !== "reject" && message < firstUserOf([sample])
      ? `left out by --truncation ${truncation}`
      : `analysis left out${analysis ? ` by --analysis ${analysis}` : ""}: --analysis keep keeps it`;
}

function shown(sample: OutputRow, flags: InspectFlags, leftOut: Inspected["leftOut"]): string[] {
  const encoding = loadHarmonyEncodingSync();
  const { tokens, lossMask } = sample;
  const gaps = gapsIn([sample]);
  const lines = spansOf(sample).flatMap((span) => {
    const { message, start, end } = span;
    const before = gaps.splice(0, gaps.filter((gap) => gap < message).length);
    const trained = lossMask.subarray(start, end).reduce((sum, each) => sum + each, 0);
    const text = tokensShown(encoding, tokens, lossMask, start, end);
    const ids = flags.ids ? [styled("dim", tokens.subarray(start, end).join(" "))] : [];
    const missing = before.map((gap) => styled("dim", `${gap}  ${leftOut(gap, sample)}`));
    return [...missing, spanTitle(span, trained), text, ...ids];
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
