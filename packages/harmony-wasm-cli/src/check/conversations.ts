/** Opens an input of conversations, and finds out their shape by the first batch. */

import { BATCH_SIZE, type InputBatch } from "../input/batch.ts";
import { joined } from "../input/continued.ts";
import { openSource } from "../input/source.ts";
import { type SampleOptions, type SamplePlan, withShape } from "../render/plan.ts";
import { samplesFor } from "../render/samples-for.ts";

/** Conversations, and how they become samples. */
export interface Conversations {
  samples: SampleOptions;
  batches: AsyncGenerator<InputBatch>;
}

/** Opens a path, or stdin for "-". */
export async function openConversations(input: string, plan: SamplePlan): Promise<Conversations> {
  const { batches } = await openSource(input, { row: 0, offset: 0 }, BATCH_SIZE);
  return conversationsIn(batches(), plan, input);
}

/** The conversations of the batches of a file; without a batch, the shape does not matter. */
export async function conversationsIn(
  batches: AsyncIterator<InputBatch>,
  plan: SamplePlan,
  name: string,
): Promise<Conversations> {
  const first = await batches.next();
  const samples = first.done ? withShape(plan, "harmony") : samplesFor(first.value, plan, name);
  return { samples, batches: joined(first, batches) };
}
