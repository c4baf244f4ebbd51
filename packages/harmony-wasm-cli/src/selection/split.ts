/**
 * Splits a data set by hash: the same key falls into the same split in every run,
 * whatever other rows there are. The seed draws another sample of the keys.
 */

import { UsageError } from "../exit.ts";
import { digestOf } from "../rows/digest.ts";

/** The split of the rows that are in no other. */
export const REST = "train";

/** A split and its share of the keys, above 0 and below 1. */
export interface Share {
  name: string;
  share: number;
}

/** How rows are split, as plain data; part of the file's metadata. */
export interface SplitOptions {
  shares: readonly Share[];
  /** The field of the input rows whose value is the key; without one, the ids are. */
  by?: string;
  seed: string;
}

const NAME = /^[a-z][a-z0-9_-]*$/i;
const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i;
/** The bytes of the digest that choose the split: their number is exact in a double. */
const BYTES = 6;
const RANGE = 2 ** (8 * BYTES);

/** The names of all splits, the rest first. */
export function splitNames({ shares }: SplitOptions): string[] {
  return [REST, ...shares.map(({ name }) => name)];
}

/** The split of a key. */
export function splitOf(key: Uint8Array | string, { shares, seed }: SplitOptions): string {
  const text = typeof key === "string" ? key : Buffer.from(key).toString("hex");
  const digest = digestOf(`${JSON.stringify(seed)} ${text}`);
  let place = Buffer.from(digest).readUIntBE(0, BYTES) / RANGE;
  for (const { name, share } of shares) {
    if (place < share) return name;
    place -= share;
  }
  return REST;
}

/** The shares of `--split name=share`, which may be given several times. */
export function sharesOf(texts: readonly string[]): Share[] {
  const shares = texts.map(shareOf);
  const names = new Set(shares.map(({ name }) => name));
  if (names.size < shares.length) throw new UsageError("--split: two splits have the same name");
  if (shares.reduce((sum, { share }) => sum + share, 0) < 1) return shares;
  throw new UsageError(`--split: the shares leave no rows for "${REST}", which has the rest`);
}

function shareOf(text: string): Share {
  const [name = "", ...amounts] = text.split("=");
  const amount = amounts.join("=");
  const isPercent = amount.endsWith("%");
  const number = amount.replace(/%$/, "").trim();
  const share = DECIMAL.test(number) ? Number(number) / (isPercent ? 100 : 1) : Number.NaN;
  if (NAME.test(name) && name !== REST && share > 0 && share < 1) return { name, share };
  throw new UsageError(
    `--split: expected a name and a share, as validation=1% or validation=0.01, got ${text}; "${REST}" has the rest`,
  );
}
