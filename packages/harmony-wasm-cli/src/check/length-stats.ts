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
/** The share of samples whose lengths set the width of the bins if there are outliers. */
const USUAL = 0.99;
/** Samples are outliers if the longest lies this many times further out than the usual ones. */
const OUTLYING = 2;

/** A bin of the histogram; `to` is the last length in it. */
export interface Bin {
  from: number;
  to: number;
  samples: number;
}

/** What a thread gathered, as data that can be sent. */
export interface StatsData {
  lengths: Uint32Array<ArrayBuffer>;
  tokens: number;
  trained: number | null;
  kinds: [name: string, stats: KindStats][];
}

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
      const kind = this.#kind(name);
      kind.messages += 1;
      kind.tokens += end - start;
      kind.trained += lossIn(lossMask, start, end);
    }
    if (isLossUnknown) this.trained = null;
    if (this.trained !== null) this.trained += lossIn(lossMask, 0, lossMask.length);
  }

  /** Adds what another thread gathered from the samples that follow. */
  merge({ lengths, tokens, trained, kinds }: StatsData): void {
    for (const length of lengths) this.#push(length);
    this.tokens += tokens;
    this.trained = this.trained === null || trained === null ? null : this.trained + trained;
    for (const [name, stats] of kinds) {
      const kind = this.#kind(name);
      kind.messages += stats.messages;
      kind.tokens += stats.tokens;
      kind.trained += stats.trained;
    }
  }

  /** The sums so far. */
  data(): StatsData {
    const { tokens, trained } = this;
    return {
      lengths: this.#lengths.slice(0, this.#count),
      tokens,
      trained,
      kinds: [...this.#kinds],
    };
  }

  #kind(name: string): KindStats {
    const kind = this.#kinds.get(name) ?? { messages: 0, tokens: 0, trained: 0 };
    this.#kinds.set(name, kind);
    return kind;
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

  /**
   * Bins of equal width from the shortest sample to the longest. If a few samples
   * are far longer than the rest, they share one last bin: with equal bins up to a
   * single outlier, all others would fall into the first.
   */
  histogram(): Bin[] {
    const sorted = this.#sorted();
    const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
    const usual = sorted[Math.floor(USUAL * (sorted.length - 1))] ?? 0;
    const hasOutliers = last - first > OUTLYING * (usual - first + BINS);
    const end = hasOutliers ? usual : last;
    const width = Math.max(1, Math.ceil((end - first + 1) / BINS));
    const samples = new Array<number>(Math.ceil((end - first + 1) / width)).fill(0);
    const rest = first + samples.length * width;
    for (const length of sorted) {
      const bin = Math.floor((length - first) / width);
      if (length < rest) samples[bin] = (samples[bin] ?? 0) + 1;
    }
    const bins = samples.map((count, bin) => {
      return { from: first + bin * width, to: first + (bin + 1) * width - 1, samples: count };
    });
    const counted = samples.reduce((sum, count) => sum + count, 0);
    return counted === sorted.length
      ? bins
      : [...bins, { from: rest, to: last, samples: sorted.length - counted }];
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
