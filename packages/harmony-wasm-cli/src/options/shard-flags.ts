/** The flags that cut the output into parts, and the input into shares. */

import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";
import { isFolder } from "../files/is-folder.ts";
import type { ShardOptions } from "../render/plan.ts";
import { DEFAULT_SHARD_SIZE, type ShardSize, shardSizeOf } from "../shards/shard-size.ts";
import type { Share } from "../storage/share.ts";

/** The flags as commander reads them. */
export interface ShardFlags {
  output?: string;
  shardSize?: ShardSize;
  shard?: Share;
}

const FILE_NAME = /\.(?:parquet|arrow|feather|ipc|arrows|jsonl?|gz|zst|npy|bin|idx)$/;

/** Every run divides the files into all shares. */
const MOST_SHARES = 100_000;

/** Adds the flags of {@link ShardFlags}. */
export function addShardFlags(command: Command): Command {
  return command
    .optionsGroup("Output folder (-o out/):")
    .option(
      "--shard-size <size>",
      `size of a part, as 500MB or 100000rows (default: ${DEFAULT_SHARD_SIZE.text})`,
      readSize,
    )
    .option("--shard <i/n>", "render one share of n, from 1/n to n/n, for n machines", readShare);
}

/** The parts of an output folder; undefined if the output is a file or stdout. */
export function shardOptions({
  output = "",
  shardSize,
  shard,
}: ShardFlags): ShardOptions | undefined {
  const flag = shardSize ? "--shard-size" : shard ? "--shard" : undefined;
  if (!flag && !namesFolder(output)) return undefined;
  if (output === "-" || (FILE_NAME.test(output) && !namesFolder(output))) {
    throw new UsageError(`${flag}: expected a folder as --output, such as out/, got ${output}`);
  }
  return { size: shardSize ?? DEFAULT_SHARD_SIZE, share: shard };
}

function namesFolder(path: string): boolean {
  return path.endsWith("/") || isFolder(path);
}

function readSize(text: string): ShardSize {
  const size = shardSizeOf(text);
  if (size) return size;
  throw new InvalidArgumentError(
    "Expected a whole number of KB, MB, GB or rows, such as 256MB or 100000rows.",
  );
}

function readShare(text: string): Share {
  const [, index = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of && of <= MOST_SHARES) return { index, of };
  throw new InvalidArgumentError(
    `Expected a share such as 1/8, from 1/8 to 8/8; at most ${MOST_SHARES} shares.`,
  );
}
