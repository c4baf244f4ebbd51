/** The flags that shuffle and mix the rows of the inputs. */

import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";
import type { ShuffleOptions, Weight } from "../render/plan.ts";

/** The flags as commander reads them. */
export interface ShuffleFlags {
  shuffle?: string;
  weight?: Weight[];
}

/** Adds the flags of {@link ShuffleFlags}. */
export function addShuffleFlags(command: Command): Command {
  return command
    .optionsGroup("Order:")
    .option("--shuffle <seed>", "shuffle all rows; the same seed gives the same order")
    .option(
      "--weight <inputs=number>",
      "with --shuffle: how often rows of these inputs appear, as 'code/**=2.5'; repeatable",
      readWeight,
    );
}

/** The options; undefined without `--shuffle`. */
export function shuffleOptions(
  { shuffle, weight = [] }: ShuffleFlags,
  inputs: readonly string[],
  isResumed: boolean,
): ShuffleOptions | undefined {
  if (shuffle === undefined) {
    if (weight.length > 0) throw new UsageError("--weight requires --shuffle <seed>");
    return undefined;
  }
  if (isResumed && inputs.includes("-")) {
    throw new UsageError("--resume: a shuffled run from stdin cannot be resumed");
  }
  return { seed: shuffle, weights: weight };
}

function readWeight(text: string, before: readonly Weight[] = []): Weight[] {
  const [, inputs = "", digits = ""] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const weight = Number(digits);
  if (inputs !== "" && weight > 0) return [...before, { inputs, weight }];
  throw new InvalidArgumentError("Expected inputs and a number above 0, such as 'code/**=2.5'.");
}
