/** Rows packed into rows: harmony-wasm/train's packing, with what the columns need beside it. */

import { type PackedSample, pack } from "harmony-wasm/train";
import type { OutputRow } from "../columns/output-row.ts";
import type { PackOptions } from "../options/render-options.ts";

/** The packs of one batch; a batch is packed by itself, so the workers do not matter. */
export function packedRows(rows: readonly OutputRow[], options: PackOptions): OutputRow[] {
  return pack(rows, options).map((packed) => packedRow(packed, rows));
}

function packedRow(
  { samples, input_ids, loss_mask, ...fields }: PackedSample,
  rows: readonly OutputRow[],
): OutputRow {
  const members = samples.flatMap((index) => rows[index] ?? []);
  const sourceRows = members.map(({ sourceRow }) => sourceRow);
  const filled = members.reduce((total, { tokens }) => total + tokens.length, 0);
  const [sourceRow = -1] = sourceRows;
  const packed = { ...fields, sourceRows, filled };
  return { tokens: input_ids, lossMask: loss_mask, spans: [], sourceRow, packed };
}
