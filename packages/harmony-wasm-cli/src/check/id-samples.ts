/** Reads the rows of a rendered file as samples, with the columns that it has. */

import { shapeSigns } from "harmony-wasm/openai";
import type { MessageSpan } from "harmony-wasm/train";
import { CommandError } from "../exit.ts";
import { parsedJson } from "../files/parsed-json.ts";
import type { GivenBatch, InputBatch } from "../input/batch.ts";
import { IDS_COLUMN, type IdRow, idRowsIn } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";
import { withFirst } from "../input/row-groups.ts";
import { rowTexts } from "../input/row-texts.ts";
import { givenBatches } from "../input/source.ts";
import type { OutputRow } from "../rows/output-row.ts";
import type { InputFile } from "../storage/input-file.ts";
import { sampleBounds } from "./sample-bounds.ts";

/** The columns that say where padding begins. */
const PADDING_COLUMNS = ["n_tokens", "attention_mask"];

/** A row of ids as a sample; without the column `loss_mask`, its mask is unknown. */
export interface IdSample extends OutputRow {
  isLossUnknown?: boolean;
  /** The number of its ids that are padding. */
  padding?: number;
}

/** The columns of a sample. */
export const SAMPLE_COLUMNS = [IDS_COLUMN, "loss_mask", "spans", ...PADDING_COLUMNS];

/** The columns that counts need. */
export const COUNTED_COLUMNS = [IDS_COLUMN, ...PADDING_COLUMNS];

/** An open input. */
export interface OpenedRows {
  /** Whether its rows have ids; otherwise they are conversations. */
  hasIds: boolean;
  /** The first batch, by which their shape is detected. */
  first: InputBatch | undefined;
  /** All batches. */
  batches: AsyncGenerator<GivenBatch>;
}

/** Opens an input, and finds out by its first row whether it has ids, and these columns, or conversations. */
export async function openRows(input: InputFile, columns: readonly string[]): Promise<OpenedRows> {
  const { first, batches } = await withFirst(await givenBatches(input, columns));
  return { hasIds: first !== undefined && hasIds(first, input.name), first, batches };
}

function hasIds(batch: InputBatch, path: string): boolean {
  try {
    return !idRowsIn(batch, { path, column: IDS_COLUMN }).next().done;
  } catch (error) {
    if (!(error instanceof CommandError) || shouldHaveIds(batch)) throw error;
    return false;
  }
}

/** Whether the first row is one of ids by its fields, though they are not ids: then it has no other fault. */
function shouldHaveIds(batch: InputBatch): boolean {
  const [first] = rowTexts(batch);
  const row = first && parsedJson(first.text);
  if (Array.isArray(row)) return typeof row[0] !== "object";
  const { messages } = Object(row);
  if (!Object.hasOwn(Object(row), IDS_COLUMN) || messages !== undefined) return false;
  return shapeSigns(row).length === 0;
}

/** The rows of a batch as samples; `sourceRow` is the row's number in the file. */
export function* samplesIn(batch: InputBatch, path: string): Generator<IdSample> {
  for (const row of idRowsIn(batch, { path, column: IDS_COLUMN })) yield sampleOf(row);
}

/** The number of ids at the end of a row that `n_tokens` or `attention_mask` leave out. */
export function paddingOf(row: IdRow): number {
  return row.ids.length - sampleBounds(row).end;
}

function sampleOf(idRow: IdRow): IdSample {
  const { row, ids, fields } = idRow;
  const lossMask = new Uint8Array(ids.length);
  const mask = numberList(fields.loss_mask);
  if (mask) lossMask.set(Uint8Array.from(mask).subarray(0, ids.length));
  const spans = spansOf(fields.spans);
  const padding = paddingOf(idRow);
  return { tokens: ids, lossMask, isLossUnknown: !mask, spans, sourceRow: row, padding };
}

function spansOf(value: unknown): MessageSpan[] {
  return Array.isArray(value) ? value.filter(isSpan) : [];
}

function isSpan(value: unknown): value is MessageSpan {
  const { role, start, end } = Object(value);
  return typeof role === "string" && typeof start === "number" && typeof end === "number";
}
