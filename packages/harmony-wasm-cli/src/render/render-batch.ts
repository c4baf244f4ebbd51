/** Renders a batch of the input to rows of the output, and to rejected rows. */

import type { InputBatch } from "../input/batch.ts";
import { type RowText, rowTexts } from "../input/row-texts.ts";
import { carriedFrom } from "../rows/carried.ts";
import { reasonOf } from "../rows/counts.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { RowError } from "../rows/row-error.ts";
import type { AnalysisCounts } from "./left-out.ts";
import { packedRows } from "./packed-rows.ts";
import type { RenderOptions } from "./plan.ts";
import type { FileRenderer } from "./renderers.ts";

/** The result of a batch. */
export interface RenderedBatch {
  rows: OutputRow[];
  /** The number of conversations read. */
  conversations: number;
  /** The conversations of each input file. */
  inputs: Map<number, number>;
  /** The number of conversations of which truncation left no sample. */
  dropped: number;
  analysis: AnalysisCounts;
  /** The lines of `<out>.rejected.jsonl`. */
  rejected: string[];
  /** The reason of each rejected row. */
  reasons: string[];
  /** The names of the fields carried, once for each conversation that has one. */
  carried: string[];
}

/** Renders a batch. */
export function renderBatch(
  batch: InputBatch,
  rendererOf: (file: number) => FileRenderer,
  { pack, carry = [] }: Omit<RenderOptions, "samples">,
): RenderedBatch {
  const analysis = { messages: 0, leftOut: 0 };
  const rendered: RenderedBatch = {
    rows: [],
    conversations: 0,
    inputs: new Map(),
    dropped: 0,
    analysis,
    rejected: [],
    reasons: [],
    carried: [],
  };
  for (const given of rowTexts(batch)) {
    rendered.conversations += 1;
    rendered.inputs.set(given.file, (rendered.inputs.get(given.file) ?? 0) + 1);
    const { name, renderer } = rendererOf(given.file);
    const result = renderer.renderRow(given);
    if ("error" in result) {
      rendered.rejected.push(rejectedLine(name, given, result.error));
      rendered.reasons.push(reasonOf(result.error));
      continue;
    }
    analysis.messages += result.analysis.messages;
    analysis.leftOut += result.analysis.leftOut;
    for (const sample of result.samples) sample.sourceFile = name;
    if (result.samples.length === 0) rendered.dropped += 1;
    else if (carry.length === 0) rendered.rows.push(...result.samples);
    else {
      const carried = carriedFrom(given.fields?.() ?? given.text, carry);
      rendered.carried.push(...Object.keys(carried));
      rendered.rows.push(...result.samples.map((sample) => ({ ...sample, carried })));
    }
  }
  if (pack) rendered.rows = packedRows(rendered.rows, pack);
  return rendered;
}

/**
 * A rejected row as a line of JSON, with the name of its file unless that is
 * stdin; bytes that are not text are added as base64.
 */
export function rejectedLine(file: string, { row, text, bytes }: RowText, error: RowError): string {
  const place = file === "" ? { row } : { file, row };
  const line = { ...place, ...error, line: text.toWellFormed() };
  const base64 = bytes && { line_base64: Buffer.from(bytes).toString("base64") };
  return `${JSON.stringify({ ...line, ...base64 })}\n`;
}
