/** The work on inputs that have rendered rows or conversations, each in its own way. */

import type { SampleOptions, SamplePlan } from "../render/plan.ts";
import type { InputFile } from "../storage/input-file.ts";
import { samplesOf } from "./conversations.ts";
import { openRows } from "./id-samples.ts";
import { type Work, type WorkBatch, type WorkKind, withWork } from "./work.ts";

/** The work on rows that have ids, and on conversations, which are rendered. */
interface RowWork<Ids extends WorkKind, Conversations extends WorkKind> {
  /** The columns that are read of rendered rows. */
  columns: readonly string[];
  ids: Work<Ids>;
  plan: SamplePlan;
  conversations: (samples: SampleOptions) => Work<Conversations>;
}

/** The batches of the inputs, with their work. */
export async function* rowWork<Ids extends WorkKind, Conversations extends WorkKind>(
  inputs: readonly InputFile[],
  { columns, ids, plan, conversations }: RowWork<Ids, Conversations>,
): AsyncGenerator<WorkBatch<Ids | Conversations>> {
  for (const input of inputs) {
    const { hasIds, first, batches } = await openRows(input, columns);
    const work = hasIds ? ids : conversations(samplesOf(first, plan, input.name));
    yield* withWork<Ids | Conversations>(work, input.name, batches);
  }
}
