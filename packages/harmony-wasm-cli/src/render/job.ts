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
export function jobOf({ samples, pack, columns, format }: RenderPlan, shape: Shape): Job {
  const render = { samples: withShape(samples, shape), ...(pack && { pack }), columns };
  return { render, format: { ...format, columns, metadata: provenance(render) } };
}
