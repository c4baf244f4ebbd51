/** A rendered file's rows as samples again, with the columns that it has. */

import type { MessageSpan } from "harmony-wasm/train";
import type { OutputRow } from "../columns/output-row.ts";
import { CommandError } from "../exit.ts";
import { IDS_COLUMN, type IdRow, idRows } from "../input/id-rows.ts";

/** Whether a file has rows of ids, and not conversations. */
export async function isIdFile(path: string): Promise<boolean> {
  if (path === "-") return false;
  try {
    for await (const _row of idRows(path, IDS_COLUMN)) return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
  return false;
}

/** The rows as samples; `sourceRow` is the row's number in the file. */
export async function* idSamples(path: string): AsyncGenerator<OutputRow> {
  for await (const row of idRows(path, IDS_COLUMN)) yield sampleOf(row);
}

function sampleOf({ row, ids, fields }: IdRow): OutputRow {
  const lossMask = new Uint8Array(ids.length);
  const mask = fields.loss_mask;
  if (Array.isArray(mask)) lossMask.set(mask.slice(0, ids.length));
  return { tokens: ids, lossMask, spans: spansOf(fields.spans), sourceRow: row };
}

function spansOf(value: unknown): MessageSpan[] {
  return Array.isArray(value) ? value.filter(isSpan) : [];
}

function isSpan(value: unknown): value is MessageSpan {
  const { role, start, end } = Object(value);
  return typeof role === "string" && typeof start === "number" && typeof end === "number";
}
