/** Counts the ids of a batch of conversations, or of rendered rows. */

import type { InputBatch } from "../input/batch.ts";
import { IDS_COLUMN, idRowsIn } from "../input/id-rows.ts";
import type { SampleOptions } from "../render/plan.ts";
import { type BatchRow, renderedRows } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import { addedFailures, type Failure, failureOf } from "../rows/failures.ts";
import type { RowError } from "../rows/row-error.ts";
import { paddingOf } from "./id-samples.ts";

/** How a batch of rows that have ids is counted. */
export interface LineOptions {
  /** Whether each conversation has a line of JSON. */
  each: boolean;
  /** Whether the line names its file. */
  namesFile: boolean;
}

/** How a batch of conversations is counted. */
export interface CountOptions extends LineOptions {
  samples: SampleOptions;
}

/** The sums over some batches. */
export interface Totals {
  conversations: number;
  samples: number;
  tokens: number;
}

/** The counts of one batch. */
export interface CountedBatch {
  totals: Totals;
  /** The rows that could not be rendered. */
  failures: readonly Failure[];
  lines: string;
}

/** Nothing counted. */
export const NO_TOTALS: Totals = { conversations: 0, samples: 0, tokens: 0 };

/** Makes the function that counts batches of conversations. */
export function countBatches(
  options: CountOptions,
): (batch: InputBatch, path: string) => CountedBatch {
  const renderer = new Renderer(options.samples);
  return (batch, path) => countedBatch(conversationsIn(batch, renderer), path, options);
}

/** Makes the function that counts batches of rendered rows: each is a sample, of no conversation that is known. */
export function countIds(options: LineOptions): (batch: InputBatch, path: string) => CountedBatch {
  return (batch, path) => countedBatch(samplesIn(batch, path), path, options);
}

/** A row that was counted; its conversations are one or none. */
interface CountedRow {
  row: number;
  conversations: 0 | 1;
  /** The number of ids of each sample. */
  tokens?: number[];
  error?: RowError;
}

function countedBatch(
  rows: Iterable<CountedRow>,
  path: string,
  { each, namesFile }: LineOptions,
): CountedBatch {
  const file = namesFile ? path : undefined;
  const totals = { ...NO_TOTALS };
  const lines: string[] = [];
  const failures: Failure[] = [];
  for (const { row, conversations, tokens, error } of rows) {
    totals.conversations += conversations;
    if (error) failures.push(failureOf(error, path, row));
    totals.samples += tokens?.length ?? 0;
    totals.tokens += tokens?.reduce((sum, count) => sum + count, 0) ?? 0;
    if (each) lines.push(JSON.stringify({ file, row, lengths: tokens, error }));
  }
  return {
    totals,
    failures: addedFailures([], failures),
    lines: lines.map((line) => `${line}\n`).join(""),
  };
}

function* samplesIn(batch: InputBatch, path: string): Generator<CountedRow> {
  for (const row of idRowsIn(batch, { path, column: IDS_COLUMN })) {
    yield { row: row.row, conversations: 0, tokens: [row.ids.length - paddingOf(row)] };
  }
}

function* conversationsIn(batch: InputBatch, renderer: Renderer): Generator<CountedRow> {
  for (const row of renderedRows(batch, () => renderer)) {
    yield { row: row.row, conversations: 1, ...countedRow(row) };
  }
}

/** The number of ids of each sample of a row, or its error. */
function countedRow(row: BatchRow): { tokens?: number[]; error?: RowError } {
  if (row.tokens) return { tokens: [row.tokens.length] };
  const rendered = row.rendered();
  return "error" in rendered
    ? rendered
    : { tokens: rendered.samples.map(({ tokens }) => tokens.length) };
}

/** The sum of the counts of batches. */
export function addedTotals(one: Totals, other: Totals): Totals {
  return {
    conversations: one.conversations + other.conversations,
    samples: one.samples + other.samples,
    tokens: one.tokens + other.tokens,
  };
}
