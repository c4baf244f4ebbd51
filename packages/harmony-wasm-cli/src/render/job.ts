/** The job of a run: what every worker gets once, as plain data. */

import type { FormatOptions } from "../formats/format.ts";
import { provenance } from "../provenance.ts";
import type { Shape } from "../rows/shapes.ts";
import {
  type RenderOptions,
  type RenderPlan,
  type SamplePlan,
  type ShuffleOptions,
  withShape,
} from "./plan.ts";

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
}

/** The job of a plan with these files. */
export function jobOf(plan: RenderPlan, files: readonly JobFile[]): Job {
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
  const summarizes = plan.reports.length > 0;
  return { render, format: { ...format, columns, carry, metadata }, files, summarizes };
}

/** The shape of all files; "auto" if they differ. Without a file, the shape does not matter. */
function samplesOf(plan: SamplePlan, files: readonly JobFile[]): SamplePlan {
  const [shape = "harmony", other] = new Set(files.map((file) => file.shape));
  return other === undefined ? withShape(plan, shape) : { ...plan, shape: "auto" };
}
