/** Reads the rows of a rendered file as samples, with the columns that it has. */

import type { MessageSpan } from "harmony-wasm/train";
import { CommandError } from "../exit.ts";
import { BATCH_SIZE, type InputBatch } from "../input/batch.ts";
import { IDS_COLUMN, type IdRow, idRows, jsonRows, openedIdRows } from "../input/id-rows.ts";
import { joined } from "../input/position.ts";
import { openSource } from "../input/source.ts";
import type { OutputRow } from "../rows/output-row.ts";

/** A row of ids as a sample; without the column `loss_mask`, its mask is unknown. */
export interface IdSample extends OutputRow {
  isLossUnknown?: boolean;
}

/** An open input: the samples of a rendered file, or else the batches of stdin. */
export type OpenedSamples =
  | { ids: AsyncIterable<IdSample> }
  | { ids?: undefined; batches?: AsyncIterable<InputBatch> };

/** Finds out whether an input has rows of ids or conversations; stdin is read only once. */
export async function openSamples(input: string): Promise<OpenedSamples> {
  if (input !== "-")
    return (await isIdFile(input)) ? { ids: samplesOf(idRows(input, IDS_COLUMN)) } : {};
  const rest = (await openSource(input, { row: 0, offset: 0 }, BATCH_SIZE)).batches();
  const first = await rest.next();
  const batches = joined(first, rest);
  const isIds = !first.done && (await isAnyRow(jsonRows(first.value, IDS_COLUMN, "stdin")));
  return isIds ? { ids: samplesOf(openedIdRows(batches, IDS_COLUMN)) } : { batches };
}

function isIdFile(path: string): Promise<boolean> {
  return isAnyRow(idRows(path, IDS_COLUMN));
}

async function isAnyRow(rows: AsyncIterable<IdRow> | Iterable<IdRow>): Promise<boolean> {
  try {
    for await (const _row of rows) return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
  return false;
}

/** The rows as samples; `sourceRow` is the row's number in the file. */
async function* samplesOf(rows: AsyncIterable<IdRow>): AsyncGenerator<IdSample> {
  for await (const row of rows) yield sampleOf(row);
}

function sampleOf({ row, ids, fields }: IdRow): IdSample {
  const lossMask = new Uint8Array(ids.length);
  const mask = fields.loss_mask;
  const isLossUnknown = !Array.isArray(mask);
  if (!isLossUnknown) lossMask.set(mask.slice(0, ids.length));
  return { tokens: ids, lossMask, isLossUnknown, spans: spansOf(fields.spans), sourceRow: row };
}

function spansOf(value: unknown): MessageSpan[] {
  return Array.isArray(value) ? value.filter(isSpan) : [];
}

function isSpan(value: unknown): value is MessageSpan {
  const { role, start, end } = Object(value);
  return typeof role === "string" && typeof start === "number" && typeof end === "number";
}
