/** The shuffled rows of a run, stored beside its output. */

import { randomUUID } from "node:crypto";
import type { BatchSize } from "../input/batch.ts";
import type { InputSet } from "../input/input-set.ts";
import { NO_COUNTS } from "../rows/counts.ts";
import { START } from "../rows/position.ts";
import { type Shuffle, ShuffledInput } from "../shuffle/shuffled-input.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { Progress } from "../terminal/progress.ts";
import type { ShuffleOptions } from "./plan.ts";
import type { RunInputs } from "./run-inputs.ts";

/** A run whose input is shuffled. */
export interface ShuffledRun {
  set: InputSet;
  inputs: RunInputs;
  options: ShuffleOptions;
  run: RunIdentity;
  /** The folder of the buckets. */
  folder: string;
  size: BatchSize;
  isQuiet: boolean;
}

/** Reads the whole input once, and gives its rows in the order of the shuffle. */
export async function shuffledInput(shuffled: ShuffledRun): Promise<ShuffledInput> {
  const { set, inputs, isQuiet } = shuffled;
  const progress = new Progress(set, NO_COUNTS, isQuiet);
  try {
    return await ShuffledInput.open(shuffleOf(shuffled), () =>
      set.batches(START, inputs.portion.takes),
    );
  } finally {
    progress.stop();
  }
}

function shuffleOf({ inputs, options, run, folder, size }: ShuffledRun): Shuffle {
  const { files, weights } = inputs;
  const isStream = files.some((file) => file.isStream);
  return {
    seed: options.seed,
    files: files.map(({ name, size: bytes, id }) => {
      return { name, size: bytes, weight: weights.get(id) ?? 1 };
    }),
    folder,
    size,
    // A stream has no identity, so its rows are always stored again.
    identity: isStream ? randomUUID() : JSON.stringify(run),
  };
}
