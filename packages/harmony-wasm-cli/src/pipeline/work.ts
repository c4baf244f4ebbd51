/** One batch from bytes to bytes: what a worker does, whichever thread it is. */

import type { OutputRow } from "../columns/output-row.ts";
import { textBytes } from "../files/bytes.ts";
import type { InputBatch } from "../input/batch.ts";
import { encoderOf } from "../output/formats.ts";
import { type RenderedBatch, renderBatch } from "../rendering/render-batch.ts";
import { Renderer } from "../rendering/renderer.ts";
import { type Counts, type DoneBatch, formatContext, type Job } from "./task.ts";

/** Makes the function that does batches. */
export function workerFor(job: Job): (batch: InputBatch) => DoneBatch {
  const renderer = new Renderer(job.render.samples);
  const encode = encoderOf(formatContext(job));
  return (batch) => {
    const rendered = renderBatch(batch, renderer, job.render);
    const encoded = rendered.rows.length > 0 ? encode(rendered.rows) : { parts: [] };
    const rejected = textBytes(rendered.rejected.join(""));
    return { ...encoded, rejected, counts: countsOf(rendered) };
  };
}

function countsOf({ rows, conversations, dropped, rejected }: RenderedBatch): Counts {
  const sum = (of: (row: OutputRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    conversations,
    dropped,
    rejected: rejected.length,
    rows: rows.length,
    tokens: sum(({ tokens, packed }) => packed?.filled ?? tokens.length),
    trained: sum(({ lossMask }) => trainedIn(lossMask)),
  };
}

function trainedIn(mask: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < mask.length; at += 1) count += mask[at] ?? 0;
  return count;
}
