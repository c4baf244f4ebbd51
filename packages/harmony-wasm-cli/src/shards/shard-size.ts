/** The size of a part, as `--shard-size` gives it: in bytes or in rows. */

/** The most that a part holds, unless one batch alone is larger. */
export interface ShardSize {
  unit: "bytes" | "rows";
  most: number;
  /** As it is written on the command line. */
  text: string;
}

/** Large enough for object stores, small enough to begin again after a failed upload. */
export const DEFAULT_SHARD_SIZE: ShardSize = { unit: "bytes", most: 256e6, text: "256MB" };

const BYTES = { KB: 1e3, MB: 1e6, GB: 1e9 } as const;
const PATTERN = /^([1-9]\d*)(KB|MB|GB|rows)$/;

/** Reads `256MB` or `100000rows`; undefined if it is neither. */
export function shardSizeOf(text: string): ShardSize | undefined {
  const [, digits, unit] = PATTERN.exec(text) ?? [];
  const isBytes = unit === "KB" || unit === "MB" || unit === "GB";
  const most = Number(digits) * (isBytes ? BYTES[unit] : 1);
  if (!Number.isSafeInteger(most)) return undefined;
  return { unit: isBytes ? "bytes" : "rows", most, text };
}
