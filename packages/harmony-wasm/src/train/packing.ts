/**
 * Packs several samples into one sequence by best fit decreasing. Positions
 * restart with each sample, and the start of each sample is recorded, so that a
 * trainer can keep samples from attending to each other.
 */

import { checkedFlag, checkedOptions, checkedToken, described } from "../check/arguments.js";
import { binsOf } from "./bins.js";
import { checkedCount, checkedMask, checkedRenderedTokens } from "./checked.js";
import { labels } from "./masks.js";
import type { TrainingSample } from "./samples.js";

/** A sample to pack; its spans are ignored. */
export type Packable = Pick<TrainingSample, "tokens" | "lossMask">;

/** Options of {@link pack}. */
export interface PackOptions {
  /** The maximum number of ids in a pack, from 1 to 2^24. */
  length: number;
  /** Pads each pack to the length with this id, which is not trained on. Default no padding. */
  paddingId?: number | null;
  /**
   * Shifts the loss mask of each sample left by one, to the id that predicts the
   * one that is trained on, as in Megatron-Bridge's packed Parquet. Default false.
   */
  shiftLossMask?: boolean;
}

/** Several samples as one sequence. Every array except `seq_start_id` is as long as the pack. */
export interface PackedSample {
  /** The numbers of the samples, ascending, in the order of the sequence. */
  samples: number[];
  input_ids: Uint32Array;
  /** As `labels` returns them, not shifted. */
  labels: Int32Array;
  loss_mask: Uint8Array;
  /** Positions within each sample; padding continues those of the last sample. */
  position_ids: Uint32Array;
  /** The position at which each sample begins. */
  seq_start_id: Uint32Array;
}

/** The names of the options, for the checks. */
export const PACK_OPTIONS = ["length", "paddingId", "shiftLossMask"] as const;
/** The index over the room in packs has a bit for each id. */
const LONGEST = 2 ** 24;

/**
 * Packs samples; or, for lengths alone, returns which of them go together. Packs
 * are ordered by their longest sample, the longest first.
 *
 * @returns The packs; for lengths, the indices in each pack, ascending.
 * @throws {RangeError} for a sample that is longer than a pack: truncate it first.
 *
 * @example
 * ```ts
 * import { pack } from "harmony-wasm/train";
 *
 * pack([6, 5, 3, 2], { length: 8 }); // => [[0, 3], [1, 2]]
 *
 * const sample = { tokens: Uint32Array.of(24912, 2375), lossMask: Uint8Array.of(0, 1) };
 * const [packed] = pack([sample, sample], { length: 4 });
 * packed?.seq_start_id; // => [0, 2]
 * packed?.position_ids; // => [0, 1, 0, 1]
 * packed?.labels; // => [-100, 2375, -100, 2375]
 * ```
 */
export function pack(lengths: readonly number[], options: PackOptions): number[][];
export function pack(samples: readonly Packable[], options: PackOptions): PackedSample[];
export function pack(
  samples: readonly number[] | readonly Packable[],
  options: PackOptions,
): number[][] | PackedSample[] {
  const checked = checkedPackOptions(options, PACK_OPTIONS);
  if (!Array.isArray(samples)) {
    throw new TypeError(`"samples" expected an array, got ${described(samples)}`);
  }
  const all = [...samples]; // Its holes are undefined, which the checks refuse.
  if (all.every((sample) => typeof sample === "number")) {
    const sizes = all.map((size, index) => checkedSize(`samples[${index}]`, size, checked));
    return binsOf(sizes, checked.length);
  }
  const numbered = all.map((sample, number) => {
    return checkedNumbered(`samples[${number}]`, number, sample, checked);
  });
  return packedOf(numbered, checked);
}

/** A sample with its number in the pack. */
export interface Numbered extends Packable {
  number: number;
}

/** The options, with their defaults. */
export type CheckedPackOptions = ReturnType<typeof checkedPackOptions>;

/** The checked options; `known` are their names. */
export function checkedPackOptions<T extends PackOptions>(
  options: T,
  known: readonly (keyof T & string)[],
) {
  const given = checkedOptions<T>("options", options, known);
  const length = checkedCount("options.length", given.length, 1);
  if (length > LONGEST) {
    throw new RangeError(`"options.length" expected an integer from 1 to 2^24, got ${length}`);
  }
  const { paddingId: padding, shiftLossMask } = given;
  const hasPadding = padding !== undefined && padding !== null;
  return {
    length,
    paddingId: hasPadding ? checkedToken("options.paddingId", padding) : undefined,
    shiftLossMask: checkedFlag("options.shiftLossMask", shiftLossMask, false),
  };
}

/** A sample that fits into a pack. */
export function checkedNumbered(
  name: string,
  number: number,
  sample: Packable,
  options: CheckedPackOptions,
): Numbered {
  if (typeof sample !== "object" || sample === null) {
    throw new TypeError(`"${name}" expected a sample, got ${described(sample)}`);
  }
  const tokens = checkedRenderedTokens(`${name}.tokens`, sample.tokens);
  checkedSize(name, tokens.length, options);
  checkedMask(`${name}.lossMask`, sample.lossMask, tokens.length);
  return { number, tokens, lossMask: sample.lossMask };
}

function checkedSize(name: string, size: number, { length }: CheckedPackOptions): number {
  const checked = checkedCount(name, size, 0);
  if (checked <= length) return checked;
  throw new RangeError(`"${name}" expected at most ${length} ids, got ${checked}`);
}

/** The packs of these samples. */
export function packedOf(
  samples: readonly Numbered[],
  options: CheckedPackOptions,
): PackedSample[] {
  const sizes = samples.map(({ tokens }) => tokens.length);
  return binsOf(sizes, options.length).map((bin) => {
    return joined(
      bin.flatMap((index) => samples[index] ?? []),
      options,
    );
  });
}

/** One pack. */
export function joined(samples: readonly Numbered[], options: CheckedPackOptions): PackedSample {
  const size = samples.reduce((total, { tokens }) => total + tokens.length, 0);
  const padded = options.paddingId === undefined ? size : options.length;
  const input_ids = new Uint32Array(padded).fill(options.paddingId ?? 0, size);
  const loss_mask = new Uint8Array(padded);
  const position_ids = new Uint32Array(padded);
  const seq_start_id = new Uint32Array(samples.length);
  let start = 0;
  samples.forEach(({ tokens, lossMask }, index) => {
    seq_start_id[index] = start;
    input_ids.set(tokens, start);
    loss_mask.set(lossMask, start);
    start += tokens.length;
  });
  fillPositions(position_ids, seq_start_id);
  const pack = { samples: samples.map(({ number }) => number), input_ids, position_ids };
  const learnt = labels(input_ids, loss_mask);
  if (options.shiftLossMask) shiftEach(loss_mask, seq_start_id);
  return { ...pack, labels: learnt, loss_mask, seq_start_id };
}

function fillPositions(positions: Uint32Array, starts: Uint32Array): void {
  starts.forEach((start, index) => {
    const end = starts[index + 1] ?? positions.length;
    for (let at = start; at < end; at += 1) positions[at] = at - start;
  });
}

/** Nothing predicts a sample's first id, and its last id predicts nothing. */
function shiftEach(mask: Uint8Array, starts: Uint32Array): void {
  starts.forEach((start, index) => {
    const end = starts[index + 1] ?? mask.length;
    mask.copyWithin(start, start + 1, end);
    if (end > start) mask[end - 1] = 0;
  });
}
