/** Packs a stream of samples in bounded memory. */

import { binsOf } from "./bins.js";
import { checkedCount } from "./checked.js";
import {
  type CheckedPackOptions,
  checkedNumbered,
  checkedPackOptions,
  joined,
  type Numbered,
  PACK_OPTIONS,
  type Packable,
  type PackedSample,
  type PackOptions,
} from "./packing.js";

/** Options of {@link createPacker}. */
export interface PackerOptions extends PackOptions {
  /** The number of samples to collect before packing them. Default 1024. */
  window?: number;
}

const WINDOW = 1024;

/**
 * Creates a packer for a stream of samples. The same samples in the same order
 * give the same packs.
 *
 * @throws {TypeError} {RangeError} for options, as {@link pack}.
 *
 * @example
 * ```ts
 * import { createPacker } from "harmony-wasm/train";
 *
 * const sample = { tokens: Uint32Array.of(24912, 2375), lossMask: Uint8Array.of(0, 1) };
 * const packer = createPacker({ length: 4, window: 3 });
 * const packs = [sample, sample, sample].flatMap((given) => packer.push(given));
 * packs.map(({ samples }) => samples); // => [[0, 1]]
 * packer.end().map(({ samples }) => samples); // => [[2]]
 * ```
 */
export function createPacker(options: PackerOptions): Packer {
  return new Packer(options);
}

/** Collects a window of samples and packs it when it is full; the emptiest pack stays open. */
export class Packer {
  readonly #options: CheckedPackOptions;
  readonly #window: number;
  #held: Numbered[] = [];
  #taken = 0;

  /** As {@link createPacker}. */
  constructor(options: PackerOptions) {
    this.#options = checkedPackOptions<PackerOptions>(options, [...PACK_OPTIONS, "window"]);
    this.#window = checkedCount("options.window", options.window ?? WINDOW, 1);
  }

  /**
   * Adds a sample. Packs name it by the number of samples before it.
   *
   * @returns The finished packs: none, unless the window is full.
   * @throws {RangeError} for a sample that is longer than a pack; it is not added.
   */
  push(sample: Packable): PackedSample[] {
    this.#held.push(checkedNumbered("sample", this.#taken, sample, this.#options));
    this.#taken += 1;
    return this.#held.length < this.#window ? [] : this.#pack(true);
  }

  /** Packs the remaining samples. The packer can be used again. */
  end(): PackedSample[] {
    return this.#pack(false);
  }

  #pack(keepsOne: boolean): PackedSample[] {
    const bins = this.#bins();
    const kept = keepsOne && bins.length > 1 ? bins.indexOf(emptiest(bins)) : -1;
    this.#held = bins[kept] ?? [];
    return bins.filter((_, index) => index !== kept).map((bin) => joined(bin, this.#options));
  }

  #bins(): Numbered[][] {
    const sizes = this.#held.map(({ tokens }) => tokens.length);
    const bins = binsOf(sizes, this.#options.length);
    return bins.map((bin) => bin.flatMap((index) => this.#held[index] ?? []));
  }
}

function emptiest(bins: readonly Numbered[][]): Numbered[] {
  const filled = (bin: readonly Numbered[]) =>
    bin.reduce((total, { tokens }) => total + tokens.length, 0);
  return bins.reduce((least, bin) => (filled(bin) < filled(least) ? bin : least));
}
