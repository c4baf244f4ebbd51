/** Renders one batch, from bytes to bytes. */

import { textBytes } from "../files/bytes.ts";
import { encoderOf } from "../formats/formats.ts";
import type { InputBatch } from "../input/batch.ts";
import type { Counts } from "../rows/counts.ts";
import { lengthOf, type OutputRow } from "../rows/output-row.ts";
import type { DoneBatch } from "../sinks/sink.ts";
import type { Job } from "./job.ts";
import { type RenderedBatch, renderBatch } from "./render-batch.ts";
import { renderersOf } from "./renderers.ts";

/** The number of ones whose sum fits into a byte. */
const MOST_SUMMED = 255;

/** Makes the function that renders batches of a job. */
export function workerFor(job: Job): (batch: InputBatch) => DoneBatch {
  const renderers = renderersOf(job.render.samples, job.files);
  const encode = encoderOf(job.format);
  return (batch) => {
    const rendered = renderBatch(batch, renderers, job.render);
    const encoded = rendered.rows.length > 0 ? encode(rendered.rows) : { parts: [] };
    const rejected = textBytes(rendered.rejected.join(""));
    return { ...encoded, rejected, counts: countsOf(rendered), inputs: [...rendered.inputs] };
  };
}

function countsOf(batch: RenderedBatch): Counts {
  const { rows, conversations, dropped, analysis, rejected } = batch;
  const sum = (of: (row: OutputRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    conversations,
    dropped,
    analysis: analysis.messages,
    analysisLeftOut: analysis.leftOut,
    rejected: rejected.length,
    reasons: tallied(batch.reasons),
    carried: tallied(batch.carried),
    rows: rows.length,
    tokens: sum(lengthOf),
    trained: sum(({ lossMask }) => trainedIn(lossMask)),
  };
}

function tallied(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Counts the ones of a mask, four places at a time, as long as no byte of the sum overflows. */
function trainedIn(mask: Uint8Array): number {
  const words = new Uint32Array(mask.buffer, mask.byteOffset, mask.length >>> 2);
  let count = 0;
  for (let from = 0; from < words.length; from += MOST_SUMMED) {
    const to = Math.min(words.length, from + MOST_SUMMED);
    let sums = 0;
    for (let at = from; at < to; at += 1) sums += words[at] ?? 0;
    count += (sums & 0xff) + ((sums >>> 8) & 0xff) + ((sums >>> 16) & 0xff) + (sums >>> 24);
  }
  for (let at = words.length * 4; at < mask.length; at += 1) count += mask[at] ?? 0;
  return count;
}
