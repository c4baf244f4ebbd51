/** Opens an input of conversations, and finds out their shape by the first batch. */

import type { GivenBatch, InputBatch } from "../input/batch.ts";
import { inputFile } from "../input/inputs.ts";
import { withFirst } from "../input/row-groups.ts";
import { givenBatches } from "../input/source.ts";
import { type SampleOptions, type SamplePlan, withShape } from "../render/plan.ts";
import { samplesFor } from "../render/samples-for.ts";

/** Conversations, and how they become samples. */
interface Conversations {
  samples: SampleOptions;
  batches: AsyncGenerator<GivenBatch>;
}

/** Opens a path, or stdin for "-". */
export async function openConversations(input: string, plan: SamplePlan): Promise<Conversations> {
  const { first, batches } = await withFirst(await givenBatches(await inputFile(input)));
  return { samples: samplesOf(first, plan, input), batches };
}

/** How the conversations of a file become samples; without a batch, their shape does not matter. */
export function samplesOf(
  first: InputBatch | undefined,
  plan: SamplePlan,
  name: string,
): SampleOptions {
  return first ? samplesFor(first, plan, name) : withShape(plan, "harmony");
}
