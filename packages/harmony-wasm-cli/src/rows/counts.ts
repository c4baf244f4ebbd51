/** What a run counts, batch by batch. */

import type { RowError } from "./row-error.ts";

/** The rows of one split. */
export interface SplitCounts {
  rows: number;
  tokens: number;
  trained: number;
}

/** The sums over some batches. */
export interface Counts {
  /** Rows of the input that hold a conversation. */
  conversations: number;
  /** Rows of the output. */
  rows: number;
  tokens: number;
  /** Ids that are trained on. */
  trained: number;
  rejected: number;
  /** The number of rejected rows by their code, and the path of the fault if there is one. */
  reasons: Readonly<Record<string, number>>;
  /** The number of conversations that have each field of `--carry`. */
  carried: Readonly<Record<string, number>>;
  /** Conversations of which truncation left no sample. */
  dropped: number;
  /** Samples with the ids of an earlier one, which `--dedupe` leaves out. */
  duplicates: number;
  /** The rows of each split; empty without `--split`. */
  splits: Readonly<Record<string, SplitCounts>>;
  /** Analysis messages in the conversations that were rendered. */
  analysis: number;
  /** Analysis messages that the policy left out of every sample. */
  analysisLeftOut: number;
  brokenCalls: BrokenCalls;
}

/** Calls whose arguments are not JSON, and the row that has the first. */
export interface BrokenCalls {
  calls: number;
  first: { file: string; row: number } | null;
}

/** How many conversations came from each input file, by its index. */
export type ConversationsByFile = readonly (readonly [file: number, conversations: number])[];

/** The counts before the first batch. */
export const NO_COUNTS: Counts = {
  conversations: 0,
  rows: 0,
  tokens: 0,
  trained: 0,
  rejected: 0,
  reasons: {},
  carried: {},
  dropped: 0,
  duplicates: 0,
  splits: {},
  analysis: 0,
  analysisLeftOut: 0,
  brokenCalls: { calls: 0, first: null },
};

/** The sum of two counts. */
export function addedCounts(one: Counts, other: Counts): Counts {
  return {
    conversations: one.conversations + other.conversations,
    rows: one.rows + other.rows,
    tokens: one.tokens + other.tokens,
    trained: one.trained + other.trained,
    rejected: one.rejected + other.rejected,
    reasons: addedReasons(one.reasons, other.reasons),
    carried: addedReasons(one.carried, other.carried),
    dropped: one.dropped + other.dropped,
    duplicates: one.duplicates + other.duplicates,
    splits: addedSplits(one.splits, other.splits),
    analysis: one.analysis + other.analysis,
    analysisLeftOut: one.analysisLeftOut + other.analysisLeftOut,
    brokenCalls: addedCalls(one.brokenCalls, other.brokenCalls),
  };
}

/** The sum of both; `one` came first. */
export function addedCalls(one: BrokenCalls, other: BrokenCalls): BrokenCalls {
  return { calls: one.calls + other.calls, first: one.first ?? other.first };
}

/** Paths contain keys of the data, so the number of reasons is bounded. */
const MOST_REASONS = 50;
const OTHER_REASONS = "other reasons";

/** A reason as the summary shows it: rows differ in their indices, so these are left out. */
export function reasonOf({ code, path }: RowError): string {
  return path === "" ? code : `${code} at ${path.replaceAll(/\[\d+\]/g, "[]")}`;
}

function addedReasons(one: Counts["reasons"], other: Counts["reasons"]): Counts["reasons"] {
  const sum = new Map(Object.entries(one));
  for (const [reason, count] of Object.entries(other)) {
    const isFull = !sum.has(reason) && sum.size >= MOST_REASONS;
    const name = isFull ? OTHER_REASONS : reason;
    sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sum);
}

function addedSplits(one: Counts["splits"], other: Counts["splits"]): Counts["splits"] {
  const sum: Record<string, SplitCounts> = { ...one };
  for (const [name, { rows, tokens, trained }] of Object.entries(other)) {
    const before = Object.hasOwn(sum, name) ? sum[name] : undefined;
    sum[name] = {
      rows: rows + (before?.rows ?? 0),
      tokens: tokens + (before?.tokens ?? 0),
      trained: trained + (before?.trained ?? 0),
    };
  }
  return sum;
}

/** The reasons as lines, the most frequent first. */
export function reasonLines({ reasons }: Counts): string[] {
  return Object.entries(reasons)
    .toSorted(([, one], [, other]) => other - one)
    .map(([reason, count]) => `  ${count} × ${reason}`);
}
