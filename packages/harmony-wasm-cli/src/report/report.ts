/**
 * The report of a run, as data: `docs/run-report.schema.json` is its schema. It
 * has no times, so the same input and options give the same report, for any
 * number of workers and after any number of stops.
 */

import type { Counts } from "../rows/counts.ts";
import { type Bin, binsOf, type Lengths, quantileOf } from "../rows/lengths.ts";
import type { Example, Summary } from "../rows/summary.ts";

/** The facts of a run that are not counted. */
export interface RunFacts {
  output: string;
  /** The names of the splits; none without `--split`. */
  splitNames: readonly string[];
  isDeduplicated: boolean;
  inputs: readonly ReportedInput[];
  options: unknown;
  software: Readonly<Record<string, string>>;
}

/** A file of the input; a stream has no size. */
export interface ReportedInput {
  name: string;
  bytes: number | null;
}

/** A distribution of lengths, in ids. */
export interface ReportedLengths {
  count: number;
  mean: number;
  min: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
  histogram: readonly Bin[];
}

/** The rows rejected for one reason. */
export interface ReportedRejection {
  code: string;
  path: string;
  rows: number;
  /** The first of them. */
  example: Omit<Example, "reason"> | null;
}

/** The report. */
export interface RunReport {
  version: 1;
  output: string;
  inputs: readonly ReportedInput[];
  options: unknown;
  software: Readonly<Record<string, string>>;
  counts: {
    conversations: number;
    rows: number;
    ids: number;
    trained_ids: number;
    rejected: number;
    dropped: number;
    /** Samples with the ids of an earlier one; null without `--dedupe`. */
    duplicates: number | null;
    /** Calls whose arguments are not JSON. */
    broken_calls: number;
  };
  /** The rows of each split; null without `--split`. */
  splits: readonly { split: string; rows: number; ids: number; trained_ids: number }[] | null;
  lengths: ReportedLengths;
  /** The packed rows; null without packing. */
  packed: ReportedLengths | null;
  messages: readonly {
    role: string;
    channel: string | null;
    messages: number;
    ids: number;
    trained_ids: number;
  }[];
  recipients: readonly { recipient: string; messages: number }[];
  left_out: {
    /** Analysis messages of the conversations, and those that no sample has. */
    analysis_messages: number;
    analysis_messages_left_out: number;
    /** Conversations that truncation removed completely. */
    conversations_dropped: number;
  };
  rejected: readonly ReportedRejection[];
}

const BINS = 30;

/** The report of a run with these counts. */
export function reportOf(facts: RunFacts, counts: Counts, summary: Summary): RunReport {
  const { output, inputs, options, software, isDeduplicated, splitNames } = facts;
  const { conversations, rows, tokens, trained, rejected, dropped } = counts;
  const duplicates = isDeduplicated ? counts.duplicates : null;
  const { lengths, packed, kinds, recipients } = summary;
  return {
    version: 1,
    output,
    inputs,
    options,
    software,
    counts: {
      conversations,
      rows,
      ids: tokens,
      trained_ids: trained,
      rejected,
      dropped,
      duplicates,
      broken_calls: counts.brokenCalls.calls,
    },
    splits:
      splitNames.length === 0 ? null : splitNames.map((split) => reportedSplit(split, counts)),
    lengths: reportedLengths(lengths),
    packed: packed.count === 0 ? null : reportedLengths(packed),
    messages: kinds
      .map(({ trained: trained_ids, ...kind }) => ({ ...kind, trained_ids }))
      .sort((one, other) => other.ids - one.ids),
    recipients: recipients.toSorted((one, other) => other.messages - one.messages),
    left_out: {
      analysis_messages: counts.analysis,
      analysis_messages_left_out: counts.analysisLeftOut,
      conversations_dropped: dropped,
    },
    rejected: rejections(counts, summary),
  };
}

function reportedSplit(split: string, { splits }: Counts) {
  const { rows = 0, tokens = 0, trained = 0 } = splits[split] ?? {};
  return { split, rows, ids: tokens, trained_ids: trained };
}

function reportedLengths(lengths: Lengths): ReportedLengths {
  const { count, sum, min, max } = lengths;
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => quantileOf(lengths, share));
  const mean = count === 0 ? 0 : Number((sum / count).toFixed(1));
  const quantiles = { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0 };
  return { count, mean, min, ...quantiles, max, histogram: binsOf(lengths, BINS) };
}

function rejections({ reasons }: Counts, { examples }: Summary): ReportedRejection[] {
  return Object.entries(reasons)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, rows]) => {
      const [code = "", ...path] = reason.split(" at ");
      const found = examples.find((example) => example.reason === reason);
      return { code, path: path.join(" at "), rows, example: found ? withoutReason(found) : null };
    });
}

function withoutReason({ file, row, message, line }: Example): Omit<Example, "reason"> {
  return { file, row, message, line };
}
