/**
 * Finds the messages that a policy left out of the samples of a conversation. A
 * message in the ids has a span with its index, so a gap between the indices is a
 * message that was left out; nothing has to be parsed again.
 */

import type { MessageSpan } from "harmony-wasm/train";

/** The analysis messages of a conversation. */
export interface AnalysisCounts {
  /** All of them that the samples could have. */
  messages: number;
  /** Those that no sample has. */
  leftOut: number;
}

interface WithSpans {
  spans: readonly MessageSpan[];
}

/** Indices of messages before the last one with a span that have no span themselves. */
export function gapsIn(samples: readonly WithSpans[], from = 0): number[] {
  const present = new Set<number>();
  for (const { spans } of samples) for (const { message } of spans) present.add(message);
  const last = Math.max(-1, ...present);
  const gaps: number[] = [];
  for (let message = from; message < last; message += 1) {
    if (!present.has(message)) gaps.push(message);
  }
  return gaps;
}

/**
 * Counts analysis. Policies leave out nothing else. Truncation leaves out whole
 * turns at the start and messages at the end, so with `isShortened` gaps count
 * only from the first user message that was kept.
 */
export function countAnalysis(samples: readonly WithSpans[], isShortened: boolean): AnalysisCounts {
  const kept = new Set<number>();
  for (const { spans } of samples) {
    for (const { channel, message } of spans) if (channel === "analysis") kept.add(message);
  }
  const leftOut = gapsIn(samples, isShortened ? firstUserOf(samples) : 0).length;
  return { messages: kept.size + leftOut, leftOut };
}

/** The first user message with a span; after all messages if there is none. */
export function firstUserOf(samples: readonly WithSpans[]): number {
  const users = samples.flatMap(({ spans }) => spans.find(({ role }) => role === "user") ?? []);
  return Math.min(Number.POSITIVE_INFINITY, ...users.map(({ message }) => message));
}
