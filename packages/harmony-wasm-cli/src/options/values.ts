/** Readers of flag values, as commander calls them. */

import { InvalidArgumentError } from "commander";

/** A whole number from 1. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a whole number, 1 or more.");
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Expected a whole number, 0 or more.");
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

/** Names separated by commas. */
export function namesOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}
