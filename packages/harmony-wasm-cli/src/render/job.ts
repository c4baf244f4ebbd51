/** The job of a run: what every worker gets once, as plain data. */

import type { FormatOptions, RowGroupSize } from "../formats/format.ts";
import { type BatchSize, BYTES_PER_ID } from "../input/batch.ts";
import { provenance } from "../provenance.ts";
import type { Shape } from "../rows/shapes.ts";
import {
  type RenderOptions,
  type RenderPlan,
  type SamplePlan,
  type ShuffleOptions,
  withShape,
} from "./plan.ts";

/** With all columns of a pack, they take 13 MB. */
const MOST_WAITING_IDS = 1024 * 1024;

/** A file of the input: its name in rejected lines and columns, and the shape of its rows. */
export interface JobFile {
  name: string;
  shape: Shape;
}

/** Options whose shape is "auto" if the files have different ones. */
export interface JobOptions extends Omit<RenderOptions, "samples"> {
  samples: SamplePlan;
  /** Absent if the rows have the order of the input. */
  shuffle?: ShuffleOptions;
}

/** How to render, and how to write the rows. */
export interface Job {
  render: JobOptions;
  format: FormatOptions;
  files: readonly JobFile[];
  /** Whether batches are summarized for a report. */
  summarizes: boolean;
  /** Whether parts have a size in bytes, to which waiting rows count too. */
  countsBytes: boolean;
}

/** The job of a plan with these files, which are read in batches of this size. */
export function jobOf(plan: RenderPlan, files: readonly JobFile[], size: BatchSize): Job {
  const { samples, pack, columns, carry, split, format } = plan;
  const render = {
    samples: samplesOf(samples, files),
    ...(pack && { pack }),
    columns,
    ...(carry.length > 0 && { carry }),
    ...(plan.dedupeBytes !== undefined && { dedupe: true as const }),
    ...(split && { split }),
    ...(plan.shuffle && { shuffle: plan.shuffle }),
  };
  const metadata = provenance(render);
  return {
    render,
    format: { ...format, columns, carry, metadata, rowGroup: rowGroupSizeOf(size) },
    files,
    summarizes: plan.reports.length > 0,
    countsBytes: plan.shards?.size.unit === "bytes",
  };
}

/** The rows of a whole batch; packs are larger, and the main thread holds a row group of each split. */
function rowGroupSizeOf({ rows, bytes }: BatchSize): RowGroupSize {
  return { rows, ids: Math.min(MOST_WAITING_IDS, bytes / BYTES_PER_ID) };
}

/** The shape of all files; "auto" if they differ. Without a file, the shape does not matter. */
function samplesOf(plan: SamplePlan, files: readonly JobFile[]): SamplePlan {
  const [shape = "harmony", other] = new Set(files.map((file) => file.shape));
  return other === undefined ? withShape(plan, shape) : { ...plan, shape: "auto" };
}
