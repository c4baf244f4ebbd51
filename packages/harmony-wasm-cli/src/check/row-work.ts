/** The work on inputs that have rendered rows or conversations, each in its own way. */

import { UsageError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
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
  /** A flag of the plan that the user passed: it would do nothing to rows that have ids. */
  flag: string | undefined;
  conversations: (samples: SampleOptions) => Work<Conversations>;
}

/** The batches of the inputs, with their work. */
export async function* rowWork<Ids extends WorkKind, Conversations extends WorkKind>(
  inputs: readonly InputFile[],
  { columns, ids, plan, flag, conversations }: RowWork<Ids, Conversations>,
): AsyncGenerator<WorkBatch<Ids | Conversations>> {
  for (const input of inputs) {
    const { hasIds, first, batches } = await openRows(input, columns);
    if (hasIds) refuseFlag(flag, input.name);
    const work = hasIds ? ids : conversations(samplesOf(first, plan, input.name));
    yield* withWork<Ids | Conversations>(work, input.name, batches);
  }
}

/** Rows that are rendered have their ids and their mask. */
export function refuseFlag(flag: string | undefined, input: string): void {
  if (flag === undefined) return;
  throw new UsageError(
    `${inputName(input)}: ${flag} requires conversations, but these rows have ids: they are rendered already`,
  );
}
