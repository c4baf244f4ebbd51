/** The work that reading commands do on batches, in this thread or in a worker. */

import type { InputBatch } from "../input/batch.ts";
import type { IdFile } from "../input/id-rows.ts";
import type { SampleOptions } from "../render/plan.ts";
import { type BatchStats, conversationStats, idStats } from "./batch-stats.ts";
import { readIds, readSamples, renderSamples } from "./comparing.ts";
import {
  type CountedBatch,
  type CountIdsOptions,
  type CountOptions,
  countBatches,
  countIds,
} from "./counting.ts";
import type { PackedSamples } from "./packed-samples.ts";
import { type ParsedBatch, type ParseOptions, parseRows } from "./parsed-rows.ts";
import { type CheckedBatch, checkRows } from "./row-findings.ts";

/** The options and the result of each kind of work: plain data. */
interface Kinds {
  count: { options: CountOptions; done: CountedBatch };
  countIds: { options: CountIdsOptions; done: CountedBatch };
  conversationStats: { options: SampleOptions; done: BatchStats };
  idStats: { options: string; done: BatchStats };
  check: { options: IdFile; done: CheckedBatch };
  parse: { options: ParseOptions; done: ParsedBatch };
  readIds: { options: IdFile; done: PackedSamples };
  readSamples: { options: IdFile; done: PackedSamples };
  renderSamples: { options: SampleOptions; done: PackedSamples };
}

/** The kinds of work. */
export type WorkKind = keyof Kinds;

/** A kind of work with its options. */
export interface Work<Kind extends WorkKind = WorkKind> {
  kind: Kind;
  options: Kinds[Kind]["options"];
}

/** The result of a batch. */
export type Done<Kind extends WorkKind> = Kinds[Kind]["done"];

type MakersOfWork = {
  [Kind in WorkKind]: (options: Kinds[Kind]["options"]) => (batch: InputBatch) => Done<Kind>;
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
}: Work<Kind>): (batch: InputBatch) => Done<Kind> {
  return MAKERS[kind](options);
}
