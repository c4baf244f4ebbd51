/** The job of a run: what every worker gets once, as plain data. */

import type { FormatOptions } from "../formats/format.ts";
import { provenance } from "../provenance.ts";
import type { Shape } from "../rows/shapes.ts";
import { type RenderOptions, type RenderPlan, withShape } from "./plan.ts";

/** How to render, and how to write the rows. */
export interface Job {
  render: RenderOptions;
  format: FormatOptions;
}

/** The job of a plan whose input has this shape. */
export function jobOf(plan: RenderPlan, shape: Shape): Job {
  const { samples, pack, columns, carry, format } = plan;
  const render = {
    samples: withShape(samples, shape),
    ...(pack && { pack }),
    columns,
    ...(carry.length > 0 && { carry }),
  };
  return { render, format: { ...format, columns, carry, metadata: provenance(render) } };
}
