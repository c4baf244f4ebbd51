/** Checks each row of a batch by itself. */

import type { InputBatch } from "../input/batch.ts";
import { idRowsIn } from "../input/id-rows.ts";
import { withProvedSamples } from "./proved-samples.ts";
import type { Endings } from "./recorded-options.ts";
import { type Finding, RowChecker } from "./row-checker.ts";

/** What the checks of a batch counted and found. */
export interface CheckedBatch {
  /** The file of the batch. */
  path: string;
  rows: number;
  messages: number;
  unparsed: number;
  findings: Finding[];
}

/** How the rows of a file are checked. */
export interface CheckOptions {
  /** The column of ids. */
  column: string;
  endings: Endings;
}

/** Makes the function that checks batches of files. */
export function checkRows({
  column,
  endings,
}: CheckOptions): (batch: InputBatch, path: string) => CheckedBatch {
  const checker = new RowChecker(endings.cutAt);
  return (batch, path) => {
    const before = { messages: checker.messages, unparsed: checker.unparsed };
    const findings: Finding[] = [];
    let rows = 0;
    for (const row of withProvedSamples(idRowsIn(batch, { path, column }), endings)) {
      rows += 1;
      findings.push(...checker.findings(row));
    }
    const messages = checker.messages - before.messages;
    const unparsed = checker.unparsed - before.unparsed;
    return { path, rows, messages, unparsed, findings };
  };
}
