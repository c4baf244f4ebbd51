/** How the rows of an input become samples, once its first batch shows their shape. */

import type { InputBatch } from "../input/batch.ts";
import { detectedShape } from "../input/shape.ts";
import { refuseForShape } from "./chat-only.ts";
import { type SampleOptions, type SamplePlan, withShape } from "./plan.ts";

/** The options for an input of this name with this first batch. */
export function samplesFor(first: InputBatch, plan: SamplePlan, name: string): SampleOptions {
  if (plan.shape !== "auto") return withShape(plan, plan.shape);
  const shape = detectedShape(first, name);
  refuseForShape(plan.chat, shape, name);
  return withShape(plan, shape);
}
