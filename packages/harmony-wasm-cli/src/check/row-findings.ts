/** Checks each row of a batch by itself. */

import type { InputBatch } from "../input/batch.ts";
import { type IdFile, idRowsIn } from "../input/id-rows.ts";
import { withProvedSamples } from "./proved-samples.ts";
import { type Finding, RowChecker } from "./row-checker.ts";

/** What the checks of a batch counted and found. */
export interface CheckedBatch {
  rows: number;
  messages: number;
  unparsed: number;
  findings: Finding[];
}

/** Makes the function that checks batches of a file. */
export function checkRows(file: IdFile): (batch: InputBatch) => CheckedBatch {
  const checker = new RowChecker();
  return (batch) => {
    const before = { messages: checker.messages, unparsed: checker.unparsed };
    const findings: Finding[] = [];
    let rows = 0;
    for (const row of withProvedSamples(idRowsIn(batch, file))) {
      rows += 1;
      findings.push(...checker.findings(row));
    }
    const messages = checker.messages - before.messages;
    const unparsed = checker.unparsed - before.unparsed;
    return { rows, messages, unparsed, findings };
  };
}
