/** `harmony render`: conversations to ids, masks and spans, in a trainer's format. */

import { type Command, Option } from "commander";
import { serveArrow } from "../arrow/stdio.ts";
import { columnsNamed, DEFAULT_COLUMNS } from "../columns/names.ts";
import { UsageError } from "../exit.ts";
import { writeAll } from "../files/write-all.ts";
import { PURPOSES, type Purpose, SHAPES, type Shape } from "../options/render-options.ts";
import { provenance } from "../provenance.ts";

interface Flags {
  shape?: Shape;
  for: Purpose;
  columns?: string;
  column: string;
  arrowStdio?: boolean;
}

const STDOUT = 1;

/** Adds the command. */
export function addRender(program: Command): void {
  program
    .command("render")
    .description("render conversations to token ids, loss masks and spans")
    .addOption(new Option("--shape <shape>", "the shape of the conversations").choices(SHAPES))
    .addOption(
      new Option("--for <purpose>", "what the ids are for").choices(PURPOSES).default("training"),
    )
    .option("--columns <names>", "the columns to write, with commas between")
    .option("--arrow-stdio", "answer Arrow record batches on stdin with batches on stdout")
    .option("--column <name>", "the column that holds the JSON text", "conversation")
    .action(render);
}

async function render(flags: Flags): Promise<void> {
  if (!flags.arrowStdio) throw new UsageError("only --arrow-stdio is there yet");
  if (!flags.shape) throw new UsageError("--arrow-stdio needs --shape harmony or --shape chat");
  const samples = { shape: flags.shape, for: flags.for };
  const columns = flags.columns ? columnsNamed(flags.columns) : DEFAULT_COLUMNS;
  const write = (bytes: Uint8Array) => writeAll(STDOUT, bytes);
  const stdio = { input: process.stdin, write, column: flags.column };
  await serveArrow(stdio, { samples, columns }, provenance(samples));
}
