/** A thread of the reading commands; what a piece of work needs is made once and kept. */

import { move, transferableSymbol, valueSymbol } from "piscina";
import { CommandError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import type { BatchGroup } from "../input/batch-groups.ts";
import { type Work, workFor } from "./work.ts";

/** Batches, and what to do with the only one of them. */
export interface Task {
  work: Work;
  batches: BatchGroup;
}

/** The result, or the message of a {@link CommandError}, which would lose its class on the way. */
export type Answer = { done: object } | { failure: string };

const kept = new Map<string, (batch: InputBatch) => object>();

/** The task that the pool runs. */
export default function answered({ work, batches: [batch] }: Task): unknown {
  try {
    return move(new Moved(keptWork(work)(batch)));
  } catch (error) {
    if (error instanceof CommandError) return { failure: error.message };
    throw error;
  }
}

function keptWork(work: Work): (batch: InputBatch) => object {
  const key = JSON.stringify(work);
  const known = kept.get(key) ?? workFor(work);
  kept.set(key, known);
  return known;
}

/** A result whose arrays are moved. */
class Moved {
  readonly #done: object;

  constructor(done: object) {
    this.#done = done;
  }

  get [transferableSymbol]() {
    return Object.values(this.#done).flatMap((field) =>
      ArrayBuffer.isView(field) ? field.buffer : [],
    );
  }

  get [valueSymbol](): Answer {
    return { done: this.#done };
  }
}
