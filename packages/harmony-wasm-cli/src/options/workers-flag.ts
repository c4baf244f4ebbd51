/** The flag that sets the number of threads; every command that reads rows has it. */

import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { wholeNumberWithin } from "./values.ts";

/** More threads than any machine has cores; each takes memory of its own. */
const MOST_WORKERS = 1024;

/** The flag as commander reads it. */
export interface WorkersFlag {
  workers?: number;
}

/** Adds the flag of {@link WorkersFlag}. */
export function addWorkersFlag(command: Command): Command {
  return command.option(
    "--workers <number>",
    "number of threads (default: one per core)",
    wholeNumberWithin("a whole number", 1, MOST_WORKERS),
  );
}

/** The number of threads. */
export function workersOf({ workers }: WorkersFlag): number {
  return workers ?? availableParallelism();
}
