/** The lengths of the samples of a batch: of conversations, or of rows of ids. */

import type { InputBatch } from "../input/batch.ts";
import type { SampleOptions } from "../render/plan.ts";
import { renderedRows } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import { samplesIn } from "./id-samples.ts";
import { LengthStats, type StatsData } from "./length-stats.ts";

/** The statistics of one batch. */
export interface BatchStats {
  stats: StatsData;
  rejected: number;
}

/** Makes the function for batches of conversations. */
export function conversationStats(samples: SampleOptions): (batch: InputBatch) => BatchStats {
  const renderer = new Renderer(samples);
  return (batch) => {
    const stats = new LengthStats();
    let rejected = 0;
    for (const row of renderedRows(batch, () => renderer)) {
      const rendered = row.rendered();
      if ("error" in rendered) rejected += 1;
      else for (const sample of rendered.samples) stats.add(sample);
    }
    return { stats: stats.data(), rejected };
  };
}

/** Makes the function for batches of files that have ids. */
export function idStats(): (batch: InputBatch, path: string) => BatchStats {
  return (batch, path) => {
    const stats = new LengthStats();
    for (const sample of samplesIn(batch, path)) stats.add(sample);
    return { stats: stats.data(), rejected: 0 };
  };
}
