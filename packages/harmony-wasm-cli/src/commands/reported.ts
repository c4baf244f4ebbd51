/** Reports an error of harmony-wasm in one line. */

import { HarmonyError } from "harmony-wasm";
import { CommandError } from "../exit.ts";

/** Runs the operation; an error that the input caused names its place, if there is one. */
export function reported<T>(operation: () => T, place?: string): T {
  try {
    return operation();
  } catch (error) {
    const isRefusal =
      error instanceof HarmonyError || error instanceof RangeError || error instanceof TypeError;
    if (!isRefusal) throw error;
    throw new CommandError(place === undefined ? error.message : `${place}: ${error.message}`);
  }
}
