/** Counts the ids of a batch of conversations. */

import type { InputBatch } from "../input/batch.ts";
import { rowTexts } from "../input/row-texts.ts";
import type { SampleOptions } from "../render/plan.ts";
import { Renderer } from "../render/renderer.ts";

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
    for (const given of rowTexts(batch)) {
      const rendered = renderer.renderRow(given);
      totals.conversations += 1;
      if ("error" in rendered) {
        totals.rejected += 1;
        if (each) lines.push(JSON.stringify({ file, row: given.row, error: rendered.error }));
        continue;
      }
      const tokens = rendered.samples.map((sample) => sample.tokens.length);
      totals.samples += tokens.length;
      totals.tokens += tokens.reduce((sum, count) => sum + count, 0);
      if (each) lines.push(JSON.stringify({ file, row: given.row, tokens }));
    }
    return { totals, lines: lines.map((line) => `${line}\n`).join("") };
  };
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
