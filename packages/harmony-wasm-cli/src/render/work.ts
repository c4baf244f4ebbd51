/** Renders a group of batches, from bytes to bytes. */

import { textBytes } from "../files/bytes.ts";
import type { BatchGroup } from "../input/batch-groups.ts";
import type { Counts, SplitCounts } from "../rows/counts.ts";
import { idsDigest, joinedDigests } from "../rows/digest.ts";
import { lengthOf, type OutputRow } from "../rows/output-row.ts";
import { summaryOf } from "../rows/summary.ts";
import type { DoneBatch } from "../sinks/sink.ts";
import { encoderOfSplits, type Splits } from "./encoded-splits.ts";
import type { Job } from "./job.ts";
import { packedRows } from "./packed-rows.ts";
import { type RenderedBatch, renderBatches } from "./render-batches.ts";
import { renderersOf } from "./renderers.ts";

/** The number of ones whose sum fits into a byte. */
const MOST_SUMMED = 255;

/** Finds out which rows of a batch are the first with their digests. */
export type FindFirst = (digests: Uint8Array) => Promise<Uint8Array>;

/** Makes the function that renders batches of a job; with `findFirst`, without later duplicates. */
export function workerFor(
  job: Job,
): (batches: BatchGroup, findFirst?: FindFirst) => Promise<DoneBatch> {
  const renderers = renderersOf(job.render.samples, job.files);
  const encode = encoderOfSplits(job);
  return async (batches, findFirst) => {
    const rendered = renderBatches(batches, renderers, job.render);
    const samples = findFirst ? await firstSamples(rendered.samples, findFirst) : rendered.samples;
    const splits = packedSplits(samples, job);
    const rejected = textBytes(rendered.rejected.join(""));
    const done = {
      ...encode(splits),
      rejected,
      counts: countsOf(rendered, samples, splits),
      inputs: [...rendered.inputs],
    };
    if (!job.summarizes) return done;
    const packed = job.render.pack ? [...splits.values()].flat() : [];
    return { ...done, summary: summaryOf({ samples, packed, rejected: rendered.examples }) };
  };
}

async function firstSamples(samples: OutputRow[], findFirst: FindFirst): Promise<OutputRow[]> {
  const isFirst = await findFirst(joinedDigests(samples.map(({ tokens }) => idsDigest(tokens))));
  return samples.filter((_, index) => isFirst[index] === 1);
}

function packedSplits(samples: readonly OutputRow[], { render: { pack } }: Job): Splits {
  const splits = Map.groupBy(samples, ({ split = "" }) => split);
  if (!pack) return splits;
  return new Map(Array.from(splits, ([name, rows]) => [name, packedRows(rows, pack)]));
}

function countsOf(batch: RenderedBatch, samples: readonly OutputRow[], splits: Splits): Counts {
  const { conversations, dropped, analysis, brokenCalls, rejected } = batch;
  const counts = Array.from(splits, ([name, rows]) => [name, rowCounts(rows)] as const);
  const sum = (of: keyof SplitCounts) => counts.reduce((total, [, each]) => total + each[of], 0);
  return {
    conversations,
    dropped,
    duplicates: batch.samples.length - samples.length,
    analysis: analysis.messages,
    analysisLeftOut: analysis.leftOut,
    brokenCalls,
    rejected: rejected.length,
    reasons: tallied(batch.reasons),
    carried: tallied(batch.carried),
    rows: sum("rows"),
    tokens: sum("tokens"),
    trained: sum("trained"),
    splits: Object.fromEntries(counts.filter(([name]) => name !== "")),
  };
}

function rowCounts(rows: readonly OutputRow[]): SplitCounts {
  const sum = (of: (row: OutputRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const trained = sum(({ lossMask }) => trainedIn(lossMask));
  return { rows: rows.length, tokens: sum(lengthOf), trained };
}
function tallied(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
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
