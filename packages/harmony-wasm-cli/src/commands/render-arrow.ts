/** `harmony render --arrow-stdio`. */

import { serveArrow } from "../arrow/stdio.ts";
import { columnsNamed, DEFAULT_COLUMNS } from "../columns/names.ts";
import { UsageError } from "../exit.ts";
import { writeAll } from "../files/write-all.ts";
import { sampleOptions } from "../options/flags.ts";
import { provenance } from "../provenance.ts";
import type { RenderFlags } from "./render.ts";

const STDOUT = 1;

/** Answers batches until stdin ends. */
export async function renderArrow(flags: RenderFlags): Promise<void> {
  if (flags.shape === "auto") {
    throw new UsageError("--arrow-stdio needs --shape harmony or --shape chat");
  }
  if (flags.pack !== undefined) throw new UsageError("--arrow-stdio does not pack");
  const samples = sampleOptions(flags, flags.shape);
  const columns = flags.columns ? columnsNamed(flags.columns, false) : DEFAULT_COLUMNS;
  const write = (bytes: Uint8Array) => writeAll(STDOUT, bytes);
  const stdio = { input: process.stdin, write, column: flags.column };
  await serveArrow(stdio, { samples, columns }, provenance({ samples }));
}
