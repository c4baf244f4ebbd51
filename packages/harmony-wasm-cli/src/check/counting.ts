/** Counts the ids of a batch of conversations. */

import type { InputBatch } from "../input/batch.ts";
import type { SampleOptions } from "../render/plan.ts";
import { type BatchRow, renderedRows } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import type { RowError } from "../rows/row-error.ts";

/** How a batch is counted. */
export interface CountOptions {
  samples: SampleOptions;
  /** Whether each conversation gets a line of JSON. */
  each: boolean;
  /** The file, for these lines; absent for an only input. */
  file?: string;
}

/** The sums over some batches. */
export interface Totals {
  conversations: number;
  samples: number;
  tokens: number;
  rejected: number;
}

/** The counts of one batch. */
export interface CountedBatch {
  totals: Totals;
  lines: string;
}

/** Makes the function that counts batches. */
export function countBatches({
  samples,
  each,
  file,
}: CountOptions): (batch: InputBatch) => CountedBatch {
  const renderer = new Renderer(samples);
  return (batch) => {
    const totals = { conversations: 0, samples: 0, tokens: 0, rejected: 0 };
    const lines: string[] = [];
    for (const row of renderedRows(batch, () => renderer)) {
      const { tokens, error } = countedRow(row);
      totals.conversations += 1;
      if (error) totals.rejected += 1;
      totals.samples += tokens?.length ?? 0;
      totals.tokens += tokens?.reduce((sum, count) => sum + count, 0) ?? 0;
      if (each) lines.push(JSON.stringify({ file, row: row.row, tokens, error }));
    }
    return { totals, lines: lines.map((line) => `${line}\n`).join("") };
  };
}

/** The number of ids of each sample of a row, or its error. */
function countedRow(row: BatchRow): { tokens?: number[]; error?: RowError } {
  if (row.tokens) return { tokens: [row.tokens.length] };
  const rendered = row.rendered();
  return "error" in rendered
    ? rendered
    : { tokens: rendered.samples.map(({ tokens }) => tokens.length) };
}

/** The sum of the counts of batches. */
export function addedTotals(one: Totals, other: Totals): Totals {
  return {
    conversations: one.conversations + other.conversations,
    samples: one.samples + other.samples,
    tokens: one.tokens + other.tokens,
    rejected: one.rejected + other.rejected,
  };
}
