/** Renders a group of batches of the input to rows of the output, and to rejected rows. */

import type { RowText } from "../input/batch.ts";
import type { BatchGroup } from "../input/batch-groups.ts";
import { type Carried, carriedFrom } from "../rows/carried.ts";
import { addedCalls, type BrokenCalls, reasonOf } from "../rows/counts.ts";
import { digestOf, idsDigest, joinedDigests } from "../rows/digest.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { RowError } from "../rows/row-error.ts";
import type { Example } from "../rows/summary.ts";
import { type SplitOptions, splitOf } from "../selection/split.ts";
import { brokenCalls } from "./broken-calls.ts";
import type { AnalysisCounts } from "./left-out.ts";
import type { RenderOptions } from "./plan.ts";
import { type BatchRow, renderedRows } from "./rendered-rows.ts";
import type { FileRenderer } from "./renderers.ts";

/** How the rows of a batch become rows of the output. */
type RowOptions = Omit<RenderOptions, "samples">;

/** The result of a group. */
export interface RenderedBatch {
  samples: OutputRow[];
  /** The number of conversations read. */
  conversations: number;
  /** The conversations of each input file. */
  inputs: Map<number, number>;
  /** The number of conversations of which truncation left no sample. */
  dropped: number;
  analysis: AnalysisCounts;
  brokenCalls: BrokenCalls;
  /** The lines of `<out>.rejected.jsonl`. */
  rejected: string[];
  /** The reason of each rejected row. */
  reasons: string[];
  /** The rejected rows as examples of their reasons. */
  examples: Example[];
  /** The names of the fields carried, once for each conversation that has one. */
  carried: string[];
}

/** Renders batches, whose rows are encoded together. */
export function renderBatches(
  batches: BatchGroup,
  rendererOf: (file: number) => FileRenderer,
  options: RowOptions,
): RenderedBatch {
  const rendered: RenderedBatch = {
    samples: [],
    conversations: 0,
    inputs: new Map(),
    dropped: 0,
    analysis: { messages: 0, leftOut: 0 },
    brokenCalls: { calls: 0, first: null },
    rejected: [],
    reasons: [],
    examples: [],
    carried: [],
  };
  for (const batch of batches) {
    for (const row of renderedRows(batch, (file) => rendererOf(file).renderer)) {
      addRow(rendered, row, rendererOf(row.file).name, options);
    }
  }
  return rendered;
}

function addRow(
  rendered: RenderedBatch,
  row: BatchRow,
  name: string,
  { carry = [], split }: RowOptions,
): void {
  rendered.conversations += 1;
  rendered.inputs.set(row.file, (rendered.inputs.get(row.file) ?? 0) + 1);
  const result = row.rendered();
  if ("error" in result) {
    addRejected(rendered, row.given(), name, result.error);
    return;
  }
  rendered.analysis.messages += result.analysis.messages;
  rendered.analysis.leftOut += result.analysis.leftOut;
  if (result.samples.length === 0) rendered.dropped += 1;
  const calls = brokenCalls(result.samples);
  if (calls > 0) {
    const first = { file: name, row: row.row };
    rendered.brokenCalls = addedCalls(rendered.brokenCalls, { calls, first });
  }
  const names = split?.by === undefined ? carry : [...carry, split.by];
  const fields = names.length > 0 ? carriedFrom(fieldsOf(row.given()), names) : {};
  rendered.carried.push(...Object.keys(fields));
  const own = split && splitOf(splitKey(result.samples, split, fields), split);
  for (const sample of result.samples) {
    sample.sourceFile = name;
    if (own !== undefined) sample.split = own;
    if (carry.length > 0) sample.carried = fields;
  }
  rendered.samples.push(...result.samples);
}

function addRejected(
  { rejected, reasons, examples }: RenderedBatch,
  given: RowText,
  file: string,
  error: RowError,
): void {
  rejected.push(rejectedLine(file, given, error));
  const reason = reasonOf(error);
  reasons.push(reason);
  examples.push({ reason, file, row: given.row, message: error.message, line: given.text });
}

/** The JSON text of all fields of a row. */
function fieldsOf({ fields, text }: RowText): string {
  return fields?.() ?? text;
}

/** The value of the field to split by; the ids of the conversation if it has none. */
function splitKey(
  samples: readonly OutputRow[],
  { by }: SplitOptions,
  fields: Carried,
): Uint8Array | string {
  const value = by !== undefined && Object.hasOwn(fields, by) ? fields[by] : undefined;
  if (value !== undefined) return value;
  const digests = samples.map(({ tokens }) => idsDigest(tokens));
  const [only] = digests;
  return only && digests.length === 1 ? only : digestOf(joinedDigests(digests));
}

/**
 * A rejected row as a line of JSON, with the name of its file unless that is
 * stdin; bytes that are not text are added as base64.
 */
export function rejectedLine(file: string, { row, text, bytes }: RowText, error: RowError): string {
  const place = file === "" ? { row } : { file, row };
  const line = { ...place, ...error, line: text.toWellFormed() };
  const base64 = bytes && { line_base64: Buffer.from(bytes).toString("base64") };
  return `${JSON.stringify({ ...line, ...base64 })}\n`;
}
