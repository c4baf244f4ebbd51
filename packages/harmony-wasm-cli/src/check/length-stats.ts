/** Statistics of lengths: quantiles, sums by role and channel, a histogram. */

import {
  addedLengths,
  type Bin,
  binsOf,
  type Lengths,
  lengthsOf,
  NO_LENGTHS,
  quantileOf,
} from "../rows/lengths.ts";
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

/** What a thread gathered, as data that can be sent. */
export interface StatsData {
  lengths: Lengths;
  tokens: number;
  trained: number | null;
  kinds: [name: string, stats: KindStats][];
}

/** Collects samples, in bounded memory. */
export class LengthStats {
  readonly #kinds = new Map<string, KindStats>();
  /** The lengths that {@link #lengths} does not have yet. */
  readonly #added: number[] = [];
  #lengths = NO_LENGTHS;
  tokens = 0;
  /** Ids that are trained on; null if a sample has no loss mask. */
  trained: number | null = 0;

  /** Adds a sample. */
  add({ tokens, lossMask, spans, isLossUnknown, padding = 0 }: IdSample): void {
    const length = tokens.length - padding;
    this.#added.push(length);
    this.tokens += length;
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
    this.#lengths = addedLengths(this.#gathered(), lengths);
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
    return { lengths: this.#gathered(), tokens, trained, kinds: [...this.#kinds] };
  }

  #kind(name: string): KindStats {
    const kind = this.#kinds.get(name) ?? { messages: 0, tokens: 0, trained: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }

  get samples(): number {
    return this.#gathered().count;
  }

  /** The kinds of messages, the most ids first. */
  kinds(): [name: string, stats: KindStats][] {
    return [...this.#kinds].sort(([, one], [, other]) => other.tokens - one.tokens);
  }

  /** The lengths at {@link QUANTILES}. */
  quantiles(): number[] {
    const lengths = this.#gathered();
    return QUANTILES.map((quantile) => quantileOf(lengths, quantile));
  }

  /** Bins of equal width, and one more for outliers. */
  histogram(): Bin[] {
    return binsOf(this.#gathered(), BINS);
  }

  #gathered(): Lengths {
    const added = lengthsOf(this.#added.splice(0));
    this.#lengths = addedLengths(this.#lengths, added);
    return this.#lengths;
  }
}

function lossIn(mask: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) count += mask[at] ?? 0;
  return count;
}
