/**
 * Shows the progress of a run on stderr: on a terminal a bar with rate and time
 * left, elsewhere one line of JSON per second.
 */

import { Presets, SingleBar } from "cli-progress";
import type { Counts } from "../rows/counts.ts";

/** The progress of a run through its input. */
export interface ProgressSource {
  /** In bytes of the input, or rows; undefined if it is not known. */
  total: number | undefined;
  done: () => number;
  /** The name of the file that is being read, where there are several. */
  readonly current?: string | undefined;
}

const EVERY_MS = 1000;

/** Shows progress until it is stopped. */
export class Progress {
  readonly #source: ProgressSource;
  readonly #started = performance.now();
  readonly #before: Counts;
  readonly #bar: SingleBar | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #counts: Counts;

  /** `before` has the counts of the run that is resumed. */
  constructor(source: ProgressSource, before: Counts, isQuiet: boolean) {
    this.#source = source;
    this.#before = before;
    this.#counts = before;
    if (isQuiet) return;
    if (process.stderr.isTTY) this.#bar = startedBar(source);
    this.#timer = setInterval(() => this.#show(), this.#bar ? EVERY_MS / 5 : EVERY_MS);
    this.#timer.unref();
  }

  /** Sets the counts so far. */
  update(counts: Counts): void {
    this.#counts = counts;
  }

  /** Shows the final counts and stops. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#timer) this.#show();
    this.#bar?.stop();
  }

  #show(): void {
    const seconds = (performance.now() - this.#started) / 1000;
    const { conversations, rejected, tokens } = this.#counts;
    const rate = (conversations - this.#before.conversations) / seconds;
    const [done, total] = [this.#source.done(), this.#source.total];
    const left = total === undefined ? undefined : secondsLeft(done, total, seconds);
    if (this.#bar) {
      const shown = { conversations, rejected, rate: Math.round(rate), left: clock(left) };
      this.#bar.update(total === undefined ? 0 : done, shown);
      return;
    }
    const { current } = this.#source;
    const line = {
      seconds: rounded(seconds),
      ...(current === undefined ? {} : { file: current }),
      conversations,
      rejected,
      ids: tokens,
      conversations_per_second: rounded(rate),
      ...(total === undefined ? {} : { done: rounded(done / Math.max(1, total), 4) }),
      ...(left === undefined ? {} : { seconds_left: rounded(left) }),
    };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }
}

function startedBar({ total }: ProgressSource): SingleBar {
  const counts = "{conversations} conversations, {rate}/s, {rejected} rejected";
  const format = total === undefined ? counts : `{bar} {percentage}% | ${counts} | {left} left`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: false },
    Presets.shades_classic,
  );
  bar.start(total ?? 0, 0, { conversations: 0, rate: 0, rejected: 0, left: "?" });
  return bar;
}

function secondsLeft(done: number, total: number, seconds: number): number | undefined {
  return done > 0 ? (seconds * Math.max(0, total - done)) / done : undefined;
}

function clock(seconds: number | undefined): string {
  if (seconds === undefined) return "?";
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
