/** Packs rows into rows with harmony-wasm/train, and adds the fields that the columns need. */

import { type PackedSample, pack } from "harmony-wasm/train";
import type { OutputRow } from "../rows/output-row.ts";
import type { PackOptions } from "./plan.ts";

/** The packs of one batch; each batch is packed alone, so the number of workers does not matter. */
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
  const sourceFiles = members.flatMap(({ sourceFile }) => sourceFile ?? []);
  const [sourceRow = -1] = sourceRows;
  const packed = { ...fields, sourceRows, sourceFiles, filled };
  return { tokens: input_ids, lossMask: loss_mask, spans: [], sourceRow, packed };
}
