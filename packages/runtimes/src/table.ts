/** The table of the cases that ran, for the terminal. */

import Table from "cli-table3";
import type { Sizes } from "./bundle.ts";

/** One case that passed. */
export interface Outcome {
  name: string;
  firstIdsMs: number;
  /** Other figures. */
  notes: string[];
  /** Of a bundle without the suite. */
  sizes?: Sizes;
}

const HEAD = ["where", "first ids, ms", "raw, KB", "gzip, KB", "brotli, KB"];
const PLAIN = { chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } };

/** One row per outcome. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] }, ...PLAIN });
  table.push(...outcomes.map(cellsOf));
  return table.toString();
}

function cellsOf({ name, firstIdsMs, sizes }: Outcome): string[] {
  const kilobytes = (bytes?: number) => (bytes === undefined ? "" : (bytes / 1e3).toFixed(0));
  return [
    name,
    firstIdsMs.toFixed(0),
    kilobytes(sizes?.raw),
    kilobytes(sizes?.gzip),
    kilobytes(sizes?.brotli),
  ];
}
