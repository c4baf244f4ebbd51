/**
 * How far a run is, on stderr: a bar with rate and time left on a terminal, one
 * line of JSON a second elsewhere.
 */

import { Presets, SingleBar } from "cli-progress";
import type { Counts } from "./pipeline/task.ts";

/** What is told of a run while it goes on. */
export interface ProgressSource {
  /** In bytes of the input, or rows; undefined where nobody knows. */
  total: number | undefined;
  done: () => number;
}

const EVERY_MS = 1000;

/** Tells of progress until it is stopped. */
export class Progress {
  readonly #source: ProgressSource;
  readonly #started = performance.now();
  readonly #before: Counts;
  readonly #bar: SingleBar | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #counts: Counts;

  /** `before` is what an earlier run has done. */
  constructor(source: ProgressSource, before: Counts, isQuiet: boolean) {
    this.#source = source;
    this.#before = before;
    this.#counts = before;
    if (isQuiet) return;
    if (process.stderr.isTTY) this.#bar = startedBar(source);
    this.#timer = setInterval(() => this.#tell(), this.#bar ? EVERY_MS / 5 : EVERY_MS);
    this.#timer.unref();
  }

  /** What has been counted so far. */
  update(counts: Counts): void {
    this.#counts = counts;
  }

  /** The last word; nothing is told after it. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#timer) this.#tell();
    this.#bar?.stop();
  }

  #tell(): void {
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
    const line = {
      seconds: rounded(seconds),
      conversations,
      rejected,
      tokens,
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
