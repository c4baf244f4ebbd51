/**
 * The names in an output folder. Those of `--shard 2/8` have `2of8` in them, so
 * that the runs of many machines share a folder without a collision.
 */

import type { Share } from "../storage/share.ts";

const DIGITS = 5;

/** The name of a run in its folder, for its lock and its unfinished files. */
export function runName(share: Share | undefined): string {
  return share ? shareName(share) : "run";
}

/** The main file of a part, without its extension. */
export function partName(share: Share | undefined, number: number): string {
  return `${partPrefix(share)}${String(number).padStart(DIGITS, "0")}`;
}

/** The manifest of a run. */
export function manifestName(share: Share | undefined): string {
  return share ? `manifest-${shareName(share)}.json` : "manifest.json";
}

/** The folder of rejected rows: of their own, so that `*.jsonl` does not match them. */
export const REJECTED_FOLDER = "rejected";

/** The rejected rows of a part. */
export function rejectedName(part: string): string {
  return `${REJECTED_FOLDER}/${part}.jsonl`;
}

/** Whether a file is a part of this run, of one of its splits, or the rejected rows of one. */
export function isPartOf(
  share: Share | undefined,
  splits: readonly string[],
  name: string,
): boolean {
  const folder = [REJECTED_FOLDER, ...splits].find((each) => name.startsWith(`${each}/`));
  const rest = folder === undefined ? name : name.slice(folder.length + 1);
  const prefix = partPrefix(share);
  return rest.startsWith(prefix) && /^\d{5,}[._]/.test(rest.slice(prefix.length));
}

/** The share of a manifest by its name: undefined for the only one; false if it is not a manifest. */
export function shareOfManifest(name: string): Share | undefined | false {
  if (name === "manifest.json") return undefined;
  const [, index, of] = /^manifest-(\d+)of(\d+)\.json$/.exec(name) ?? [];
  return index === undefined ? false : { index: Number(index), of: Number(of) };
}

function partPrefix(share: Share | undefined): string {
  return share ? `part-${shareName(share)}-` : "part-";
}

/** Padded, so that names sort by their numbers. */
function shareName({ index, of }: Share): string {
  return `${String(index).padStart(String(of).length, "0")}of${of}`;
}
