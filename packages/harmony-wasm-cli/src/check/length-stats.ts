/** Statistics of lengths: quantiles, sums by role and channel, a histogram. */

import type { IdSample } from "./id-samples.ts";

/** The sums over the messages of one role and channel. */
export interface KindStats {
  messages: number;
  tokens: number;
  /** Ids that are trained on. */
  trained: number;
}

/** The quantiles that are shown. */
export const QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

const BINS = 20;

/** Collects samples; keeps four bytes per sample. */
export class LengthStats {
  readonly #kinds = new Map<string, KindStats>();
  #lengths = new Uint32Array(1024);
  #count = 0;
  tokens = 0;
  /** Ids that are trained on; null if a sample has no loss mask. */
  trained: number | null = 0;

  /** Adds a sample. */
  add({ tokens, lossMask, spans, isLossUnknown }: IdSample): void {
    this.#push(tokens.length);
    this.tokens += tokens.length;
    for (const { role, channel, start, end } of spans) {
      const name = channel === undefined ? role : `${role} ${channel}`;
      const kind = this.#kinds.get(name) ?? { messages: 0, tokens: 0, trained: 0 };
      this.#kinds.set(name, kind);
      kind.messages += 1;
      kind.tokens += end - start;
      kind.trained += lossIn(lossMask, start, end);
    }
    if (isLossUnknown) this.trained = null;
    if (this.trained !== null) this.trained += lossIn(lossMask, 0, lossMask.length);
  }

  get samples(): number {
    return this.#count;
  }

  /** The kinds of messages, the most ids first. */
  kinds(): [name: string, stats: KindStats][] {
    return [...this.#kinds].sort(([, one], [, other]) => other.tokens - one.tokens);
  }

  /** The lengths at {@link QUANTILES}. */
  quantiles(): number[] {
    const sorted = this.#sorted();
    return QUANTILES.map((quantile) => sorted[Math.round(quantile * (sorted.length - 1))] ?? 0);
  }

  /** Bins of equal width, from the shortest to the longest. */
  histogram(): { from: number; to: number; samples: number }[] {
    const sorted = this.#sorted();
    const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
    const width = Math.max(1, Math.ceil((last - first + 1) / BINS));
    const bins = Math.ceil((last - first + 1) / width);
    const samples = new Array<number>(bins).fill(0);
    for (const length of sorted) {
      const bin = Math.floor((length - first) / width);
      samples[bin] = (samples[bin] ?? 0) + 1;
    }
    return samples.map((count, bin) => {
      return { from: first + bin * width, to: first + (bin + 1) * width - 1, samples: count };
    });
  }

  #push(length: number): void {
    if (this.#count === this.#lengths.length) {
      const larger = new Uint32Array(this.#count * 2);
      larger.set(this.#lengths);
      this.#lengths = larger;
    }
    this.#lengths[this.#count] = length;
    this.#count += 1;
  }

  #sorted(): Uint32Array {
    return this.#lengths.slice(0, this.#count).sort();
  }
}

function lossIn(mask: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) count += mask[at] ?? 0;
  return count;
}
