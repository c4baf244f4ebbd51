/** The renderer of each file: files of one shape share one. */

import type { Shape } from "../rows/shapes.ts";
import type { JobFile } from "./job.ts";
import { type SamplePlan, withShape } from "./plan.ts";
import { Renderer } from "./renderer.ts";

/** A file with the renderer of its rows. */
export interface FileRenderer {
  /** Its name; empty for stdin. */
  name: string;
  renderer: Renderer;
}

/** Finds the renderer of a file by its index. */
export function renderersOf(
  plan: SamplePlan,
  files: readonly JobFile[],
): (file: number) => FileRenderer {
  const byShape = new Map<Shape, Renderer>();
  const renderers = files.map(({ name, shape }): FileRenderer => {
    const renderer = byShape.get(shape) ?? new Renderer(withShape(plan, shape));
    byShape.set(shape, renderer);
    return { name: name === "-" ? "" : name, renderer };
  });
  return (file) => {
    const found = renderers[file];
    if (!found) throw new Error(`the job has no file ${file}`);
    return found;
  };
}
