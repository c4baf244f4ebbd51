/**
 * The distribution of lengths, in bounded memory: exact up to 1,023; longer
 * lengths share buckets that are at most 0.2 % wide. Distributions can be added,
 * so batches and parts of an output are counted alone.
 */

/** Lengths below `2 ** EXACT_BITS` have a bucket each. */
const EXACT_BITS = 10;
/** The buckets between a power of two and the next. */
const IN_OCTAVE = 2 ** (EXACT_BITS - 1);

/** A distribution, as plain data. */
export interface Lengths {
  count: number;
  sum: number;
  /** The shortest and the longest; 0 if there are none. */
  min: number;
  max: number;
  /** The number of lengths in each bucket that has any, in order. */
  buckets: readonly Bucket[];
}

/** The shortest length of a bucket, and how many lengths are in it. */
export type Bucket = readonly [from: number, count: number];

/** No lengths. */
export const NO_LENGTHS: Lengths = { count: 0, sum: 0, min: 0, max: 0, buckets: [] };

/** The shortest length of the bucket that a length belongs to. */
export function bucketOf(length: number): number {
  const width = bucketWidth(length);
  return length - (length % width);
}

/** The number of lengths that share the bucket of a length. */
export function bucketWidth(length: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(length / IN_OCTAVE)));
}

/** The distribution of some lengths. */
export function lengthsOf(lengths: readonly number[]): Lengths {
  const counts = new Map<number, number>();
  let sum = 0;
  let [min, max] = [lengths[0] ?? 0, 0];
  for (const length of lengths) {
    const bucket = bucketOf(length);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    sum += length;
    min = Math.min(min, length);
    max = Math.max(max, length);
  }
  return { count: lengths.length, sum, min, max, buckets: sorted(counts) };
}

/** The distribution of both together. */
export function addedLengths(one: Lengths, other: Lengths): Lengths {
  if (one.count === 0) return other;
  if (other.count === 0) return one;
  const counts = new Map(one.buckets);
  for (const [bucket, count] of other.buckets) {
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return {
    count: one.count + other.count,
    sum: one.sum + other.sum,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    buckets: sorted(counts),
  };
}

function sorted(counts: ReadonlyMap<number, number>): Bucket[] {
  return [...counts].sort(([one], [other]) => one - other);
}

/** The length below or at which this share of the lengths lies. */
export function quantileOf(lengths: Lengths, share: number): number {
  return lengthAt(lengths, Math.max(1, Math.ceil(share * lengths.count)));
}

/** The length of this rank; the shortest has rank 1. */
function lengthAt({ count, min, max, buckets }: Lengths, rank: number): number {
  if (rank === 1) return min;
  if (rank === count) return max;
  let seen = 0;
  for (const [from, inBucket] of buckets) {
    seen += inBucket;
    if (seen < rank) continue;
    const middle = from + Math.floor((bucketWidth(from) - 1) / 2);
    return Math.min(max, Math.max(min, middle));
  }
  return max;
}

/** A bar of a histogram; `to` is the last length in it. */
export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** The share of the lengths below the longest whose bins have equal widths, if longer ones are outliers. */
const USUAL = 0.99;
/** The longest length is an outlier if it is this many times further out than the usual ones. */
const OUTLYING = 2;

/**
 * At most `most` bins of equal width, and one more for outliers: with equal bins
 * up to a single outlier, all other lengths would fall into the first.
 */
export function binsOf(lengths: Lengths, most: number): Bin[] {
  const { count, min, max, buckets } = lengths;
  if (count === 0) return [];
  // The longest length is above it, however few there are.
  const usual = lengthAt(lengths, 1 + Math.floor(USUAL * (count - 1)));
  const hasOutliers = max - min > OUTLYING * (usual - min + most);
  const edges = binEdges(min, hasOutliers ? usual : max, most);
  const [last = min] = edges.slice(-1);
  if (max >= last) edges.push(max + 1);
  const bins = edges.slice(1).map((next, at) => {
    return { from: edges[at] ?? min, to: Math.min(max, next - 1), count: 0 };
  });
  let at = 0;
  for (const [from, inBucket] of buckets) {
    while (at < bins.length - 1 && from > (bins[at]?.to ?? 0)) at += 1;
    const bin = bins[at];
    if (bin) bin.count += inBucket;
  }
  return bins;
}

/** Where bins begin: multiples of the width of the widest bucket among them, so that no bucket is cut. */
function binEdges(first: number, last: number, most: number): number[] {
  const unit = bucketWidth(last);
  const start = first - (first % unit);
  const width = unit * Math.ceil((last - start + 1) / unit / most);
  const bins = Math.ceil((last - start + 1) / width);
  return Array.from({ length: bins + 1 }, (_, bin) => start + bin * width);
}
