/** Parses the rows of a batch of ids to lines of JSON. */

import { HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import type { InputBatch } from "../input/batch.ts";
import { idRowsIn } from "../input/id-rows.ts";
import { type ParseSettings, parsedMessages, recoveredRow } from "./parsing.ts";

/** How rows are parsed. */
export interface ParseOptions {
  column: string;
  settings: ParseSettings;
  recovers: boolean;
}

/** A line for each row of a batch. */
export interface ParsedBatch {
  lines: string;
  failed: number;
}

/**
 * Makes the function that parses batches. A row that cannot be parsed becomes a
 * line with its error, so that lines match the input's.
 */
export function parseRows({
  column,
  settings,
  recovers,
}: ParseOptions): (batch: InputBatch, path: string) => ParsedBatch {
  const encoding = loadHarmonyEncodingSync();
  return (batch, path) => {
    const lines: string[] = [];
    let failed = 0;
    for (const { row, ids } of idRowsIn(batch, { path, column })) {
      try {
        const parsed = recovers
          ? recoveredRow(encoding, ids, settings.role)
          : { messages: parsedMessages(encoding, ids, settings) };
        lines.push(`${JSON.stringify(parsed)}\n`);
      } catch (error) {
        if (!(error instanceof HarmonyError)) throw error;
        failed += 1;
        const { code, index, message } = error;
        lines.push(`${JSON.stringify({ row, error: { code, index, message } })}\n`);
      }
    }
    return { lines: lines.join(""), failed };
  };
}
