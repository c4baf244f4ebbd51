/** The work that reading commands do on batches, in this thread or in a worker. */

import type { GivenBatch, InputBatch } from "../input/batch.ts";
import type { SampleOptions } from "../render/plan.ts";
import { type BatchStats, conversationStats, idStats } from "./batch-stats.ts";
import { readIds, readSamples, renderSamples } from "./comparing.ts";
import {
  type CountedBatch,
  type CountOptions,
  countBatches,
  countIds,
  type LineOptions,
} from "./counting.ts";
import type { PackedSamples } from "./packed-samples.ts";
import { type ParsedBatch, type ParseOptions, parseRows } from "./parsed-rows.ts";
import { type CheckedBatch, type CheckOptions, checkRows } from "./row-findings.ts";

/** The options and the result of each kind of work: plain data. Those of ids name their column. */
interface Kinds {
  count: { options: CountOptions; done: CountedBatch };
  countIds: { options: LineOptions; done: CountedBatch };
  conversationStats: { options: SampleOptions; done: BatchStats };
  idStats: { options: null; done: BatchStats };
  check: { options: CheckOptions; done: CheckedBatch };
  parse: { options: ParseOptions; done: ParsedBatch };
  readIds: { options: string; done: PackedSamples };
  readSamples: { options: string; done: PackedSamples };
  renderSamples: { options: SampleOptions; done: PackedSamples };
}

/** The kinds of work. */
export type WorkKind = keyof Kinds;

/** A kind of work with its options. */
export interface Work<Kind extends WorkKind = WorkKind> {
  kind: Kind;
  options: Kinds[Kind]["options"];
}

/** A batch of the file `path`, with its work. */
export type WorkBatch<Kind extends WorkKind = WorkKind> = GivenBatch & {
  work: Work<Kind>;
  path: string;
};

/** The batches of a file, with their work. */
export async function* withWork<Kind extends WorkKind>(
  work: Work<Kind>,
  path: string,
  batches: AsyncIterable<GivenBatch>,
): AsyncGenerator<WorkBatch<Kind>> {
  for await (const batch of batches) yield { ...batch, work, path };
}

/** The result of a batch. */
export type Done<Kind extends WorkKind> = Kinds[Kind]["done"];

type MakersOfWork = {
  [Kind in WorkKind]: (
    options: Kinds[Kind]["options"],
  ) => (batch: InputBatch, path: string) => Done<Kind>;
};

const MAKERS: MakersOfWork = {
  count: countBatches,
  countIds,
  conversationStats,
  idStats,
  check: checkRows,
  parse: parseRows,
  readIds,
  readSamples,
  renderSamples,
};

/** Makes the function that does the work on a batch. */
export function workFor<Kind extends WorkKind>({
  kind,
  options,
}: Work<Kind>): (batch: InputBatch, path: string) => Done<Kind> {
  return MAKERS[kind](options);
}
