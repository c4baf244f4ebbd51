/** Readers of flag values, as commander calls them. */

import { InvalidArgumentError } from "commander";

/** The largest id, and number of ids: the engine counts in 32-bit words. */
export const MOST_IDS = 2 ** 32 - 1;

/** A day, as 2026-01-31. */
export function day(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError("Expected a day as YYYY-MM-DD, such as 2026-01-31.");
}

/** A month or a day, as 2024-06. */
export function monthOrDay(text: string): string {
  if (isDay(text) || isDay(`${text}-01`)) return text;
  throw new InvalidArgumentError(
    "Expected a month or a day as YYYY-MM or YYYY-MM-DD, such as 2024-06.",
  );
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A reader of whole numbers from `least` to `most`, which are `what`: `a port`. */
export function wholeNumberWithin(
  what: string,
  least: number,
  most: number,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected ${what} from ${least} to ${most}.`);
  };
}

/** A number of ids, from 1. */
export const positiveInteger = wholeNumberWithin("a whole number", 1, MOST_IDS);

/** A number of rows, from 0. */
export const wholeNumber = wholeNumberWithin("a whole number", 0, Number.MAX_SAFE_INTEGER);

/** Names separated by commas. */
export function namesOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}
