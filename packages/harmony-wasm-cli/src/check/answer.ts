/** The work on a group of batches, in this thread or in a worker; what a kind of work needs is made once and kept. */

import { CommandError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import type { BatchGroup } from "../input/batch-groups.ts";
import { loaded } from "../input/row-groups.ts";
import { type Work, type WorkBatch, workFor } from "./work.ts";

/** Batches that one thread works on. */
export interface Task {
  batches: BatchGroup<WorkBatch>;
}

/** The results of the batches up to a {@link CommandError}, which would lose its class on the way. */
export interface Answer {
  done: object[];
  failure?: string;
}

const kept = new Map<string, (batch: InputBatch, path: string) => object>();

/** The results of all batches, in order. */
export async function answerOf({ batches }: Task): Promise<Answer> {
  const done: object[] = [];
  try {
    for (const given of batches) {
      for await (const batch of loaded(given)) done.push(keptWork(given.work)(batch, given.path));
    }
    return { done };
  } catch (error) {
    if (error instanceof CommandError) return { done, failure: error.message };
    throw error;
  }
}

function keptWork(work: Work): (batch: InputBatch, path: string) => object {
  const key = JSON.stringify(work);
  const known = kept.get(key) ?? workFor(work);
  kept.set(key, known);
  return known;
}
