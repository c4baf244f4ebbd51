/** The lengths of the samples of a batch: of conversations, or of rows of ids. */

import type { InputBatch } from "../input/batch.ts";
import type { SampleOptions } from "../render/plan.ts";
import { renderedRows } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import { addedFailures, type Failure, failureOf } from "../rows/failures.ts";
import { samplesIn } from "./id-samples.ts";
import { LengthStats, type StatsData } from "./length-stats.ts";

/** The statistics of one batch. */
export interface BatchStats {
  stats: StatsData;
  /** The rows that could not be rendered. */
  failures: readonly Failure[];
}

/** Makes the function for batches of conversations. */
export function conversationStats(
  samples: SampleOptions,
): (batch: InputBatch, path: string) => BatchStats {
  const renderer = new Renderer(samples);
  return (batch, path) => {
    const stats = new LengthStats();
    const failures: Failure[] = [];
    for (const row of renderedRows(batch, () => renderer)) {
      const rendered = row.rendered();
      if ("error" in rendered) failures.push(failureOf(rendered.error, path, row.row));
      else for (const sample of rendered.samples) stats.add(sample);
    }
    return { stats: stats.data(), failures: addedFailures([], failures) };
  };
}

/** Makes the function for batches of files that have ids. */
export function idStats(): (batch: InputBatch, path: string) => BatchStats {
  return (batch, path) => {
    const stats = new LengthStats();
    for (const sample of samplesIn(batch, path)) stats.add(sample);
    return { stats: stats.data(), failures: [] };
  };
}
