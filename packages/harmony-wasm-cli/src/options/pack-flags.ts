/** The flags that pack samples into rows. */

import type { Command } from "commander";
import { type HarmonyEncoding, HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import { UsageError } from "../exit.ts";
import type { PackOptions } from "../render/plan.ts";
import { MOST_IDS, wholeNumberWithin } from "./values.ts";

/** The flags as commander reads them. */
export interface PackFlags {
  pack?: number;
  pad?: string;
  shiftLossMask?: boolean;
}

/** The limit of harmony-wasm/train: a longer row would not fit into memory with its padding. */
const MOST_PACKED = 2 ** 24;

/** Adds the flags of {@link PackFlags}. */
export function addPackFlags(command: Command): Command {
  return command
    .optionsGroup("Packing:")
    .option(
      "--pack <ids>",
      "pack samples into rows of at most this many ids",
      wholeNumberWithin("a whole number", 1, MOST_PACKED),
    )
    .option("--pad <id>", "with --pack: pad rows with this id or special token")
    .option(
      "--shift-loss-mask",
      "with --pack: shift the mask one position earlier, as Megatron-Bridge expects",
    );
}

/** The options; undefined without `--pack`. */
export function packOptions({ pack, pad, shiftLossMask }: PackFlags): PackOptions | undefined {
  if (pack === undefined) {
    if (pad === undefined && !shiftLossMask) return undefined;
    throw new UsageError("--pad and --shift-loss-mask require --pack");
  }
  const padding = pad === undefined ? {} : { paddingId: paddingId(pad) };
  return { length: pack, ...padding, shiftLossMask: shiftLossMask ?? false };
}

function paddingId(text: string): number {
  const encoding = loadHarmonyEncodingSync();
  const id = encoding.specialTokens.get(text) ?? (/^\d+$/.test(text) ? Number(text) : -1);
  if (id >= 0 && id <= MOST_IDS && isToken(encoding, id)) return id;
  throw new UsageError(`--pad: expected the id of a token, or a special token, got "${text}"`);
}

function isToken(encoding: HarmonyEncoding, id: number): boolean {
  try {
    encoding.decodeBytes([id]);
    return true;
  } catch (error) {
    if (error instanceof HarmonyError) return false;
    throw error;
  }
}
