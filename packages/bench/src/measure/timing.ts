/** Clocks: one run, runs until the compilers settle, and the median of many. */

const SETTLE_SECONDS = 1;
const MEDIAN_SECONDS = 1;

/**
 * How long this thread computes in `run`. The clock on the wall would count what
 * other programs do meanwhile; collecting garbage in this thread is part of it.
 */
export function seconds(run: () => void): number {
  const before = processorSeconds();
  run();
  return processorSeconds() - before;
}

const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** Linux brings a thread's account up to date when it pauses, else every few milliseconds. */
function processorSeconds(): number {
  Atomics.wait(NOTHING, 0, 0, 0.1);
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** Runs at least once and for a second, until compilers in the background are done. */
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
    times.push(seconds(run));
  }
  return median(times);
}

/** The middle one; of an even number, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (low + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
