/**
 * The order of a shuffle, and how often a row appears: both follow from a hash of
 * the seed, the name of the file and the number of the row, so they do not depend
 * on the workers, the memory or the number of buckets.
 */

import { hash } from "node:crypto";
import type { StoredPlace } from "../input/stored-rows.ts";

/** The number of different keys: 48 bits, which a number holds exactly. */
export const KEYS = 2 ** 48;

/** The key of a copy of a row; rows are sorted by it. */
export function keyOf(seed: string, name: string, row: number, copy: number): number {
  return hashed(`order\0${seed}\0${name}\0${row}\0${copy}`);
}

/**
 * How often a row appears: 2.5 means twice, and for every second row a third
 * time, chosen by its hash.
 */
export function copiesOf(seed: string, name: string, row: number, weight: number): number {
  const whole = Math.floor(weight);
  if (whole === weight) return whole;
  return whole + (hashed(`weight\0${seed}\0${name}\0${row}`) < (weight - whole) * KEYS ? 1 : 0);
}

/** Sorts by the key; equal keys are rare, and their order is fixed too. */
export function byPlace(one: StoredPlace, other: StoredPlace): number {
  return (
    one.key - other.key || one.file - other.file || one.row - other.row || one.copy - other.copy
  );
}

function hashed(text: string): number {
  return hash("sha256", text, "buffer").readUIntBE(0, 6);
}
