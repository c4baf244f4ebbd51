/** Packing a stream of samples whose number nobody knows, in bounded memory. */

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

/** How a stream is packed. */
export interface PackerOptions extends PackOptions {
  /** How many samples are held back to choose among. Default 1024. */
  window?: number;
}

const WINDOW = 1024;

/**
 * A packer of a stream. The same samples in the same order give the same packs.
 *
 * @throws {TypeError}, {RangeError} for options as `pack` does.
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

/** Holds back a window of samples; packs it when it is full, and keeps the emptiest pack open. */
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
   * Takes in a sample; its number in packs is how many came before it.
   *
   * @returns The packs that are finished: none, unless the window is full.
   * @throws {RangeError} for a sample that is longer than a pack; the next call works.
   */
  push(sample: Packable): PackedSample[] {
    this.#held.push(checkedNumbered("sample", this.#taken, sample, this.#options));
    this.#taken += 1;
    return this.#held.length < this.#window ? [] : this.#pack(true);
  }

  /** The packs of what is still held. The packer may be used further. */
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
