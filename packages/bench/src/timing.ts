/** Clocks: once, until settled, and the median of many. */

const SETTLE_SECONDS = 1;
const MEDIAN_SECONDS = 1;

/** How long `run` takes; collecting its garbage is part of it. */
export function seconds(run: () => void): number {
  const before = performance.now();
  run();
  return (performance.now() - before) / 1000;
}

/** Runs at least once and for a second, so that compilers in the background are done. */
export function settle(run: () => void): void {
  const end = performance.now() + SETTLE_SECONDS * 1000;
  do run();
  while (performance.now() < end);
}

/** The median time of one run, settled. */
export function medianSeconds(run: () => void): number {
  settle(run);
  const times: number[] = [];
  const end = performance.now() + MEDIAN_SECONDS * 1000;
  while (performance.now() < end) {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
  }
  return median(times) / 1000;
}

/** The middle one; of an even number, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (low + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
