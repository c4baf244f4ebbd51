/** A batch of the input to the rows of the output, and to the rows that were refused. */

import type { OutputRow } from "../columns/output-row.ts";
import type { InputBatch } from "../input/batch.ts";
import { type RowText, rowTexts } from "../input/row-texts.ts";
import type { RenderOptions } from "../options/render-options.ts";
import { packedRows } from "./packed-rows.ts";
import type { Renderer } from "./renderer.ts";
import type { RowError } from "./row-error.ts";

/** What a batch of conversations became. */
export interface RenderedBatch {
  rows: OutputRow[];
  /** Conversations that were read. */
  conversations: number;
  /** Conversations of which the truncation left nothing. */
  dropped: number;
  /** The lines of `<out>.rejected.jsonl`. */
  rejected: string[];
}

/** Renders a batch. */
export function renderBatch(
  batch: InputBatch,
  renderer: Renderer,
  { pack }: RenderOptions,
): RenderedBatch {
  const rendered: RenderedBatch = { rows: [], conversations: 0, dropped: 0, rejected: [] };
  for (const given of rowTexts(batch)) {
    rendered.conversations += 1;
    const result = given.error ? { error: given.error } : renderer.render(given.text, given.row);
    if ("error" in result) rendered.rejected.push(rejectedLine(given, result.error));
    else if (result.samples.length === 0) rendered.dropped += 1;
    else rendered.rows.push(...result.samples);
  }
  if (pack) rendered.rows = packedRows(rendered.rows, pack);
  return rendered;
}

/** A refused row as a line of JSON; bytes that are no text are kept as base64 beside it. */
export function rejectedLine({ row, text, bytes }: RowText, error: RowError): string {
  const line = { row, ...error, line: text.toWellFormed() };
  const base64 = bytes && { line_base64: Buffer.from(bytes).toString("base64") };
  return `${JSON.stringify({ ...line, ...base64 })}\n`;
}
