/** `harmony render`: conversations to ids, masks and spans, in a trainer's format. */

import { type Command, Option } from "commander";
import {
  addPackFlags,
  addSampleFlags,
  type PackFlags,
  type SampleFlags,
  wholeNumber,
} from "../options/flags.ts";
import { COMPRESSIONS, type Compression, FORMAT_NAMES, type FormatName } from "../output/format.ts";

/** The flags of the command, as commander reads them. */
export interface RenderFlags extends SampleFlags, PackFlags {
  output?: string;
  format?: FormatName;
  compression?: Compression;
  columns?: string;
  workers?: number;
  resume: boolean;
  overwrite: boolean;
  quiet: boolean;
  arrowStdio?: boolean;
  column: string;
}

/** Adds the command. */
export function addRender(program: Command): void {
  const command = program
    .command("render")
    .description("render conversations to token ids, loss masks and spans")
    .argument("[input]", "JSON lines, plain or .gz or .zst, or Parquet; - is stdin", "-")
    .option(
      "-o, --output <path>",
      "what to write: .parquet, .arrow, .jsonl, .npy, .bin; - is stdout",
    )
    .addOption(new Option("--format <name>", "in place of the extension's").choices(FORMAT_NAMES))
    .addOption(
      new Option("--compression <name>", "of Parquet and JSON lines").choices(COMPRESSIONS),
    )
    .option("--columns <names>", "the columns to write, with commas between")
    .option("--workers <number>", "how many threads render (default: one a core)", wholeNumber)
    .option("--resume", "go on with a run that was stopped", false)
    .option("--overwrite", "replace what is there", false)
    .option("--quiet", "no progress on stderr", false)
    .option("--arrow-stdio", "answer Arrow record batches on stdin with batches on stdout")
    .option("--column <name>", "with --arrow-stdio: the column of JSON text", "conversation");
  addPackFlags(addSampleFlags(command)).action(render);
}

/** The libraries of the formats take a quarter of a second: only what is used is loaded. */
async function render(input: string, flags: RenderFlags): Promise<void> {
  if (flags.arrowStdio) {
    const { renderArrow } = await import("./render-arrow.ts");
    return renderArrow(flags);
  }
  const { renderFile } = await import("./render-file.ts");
  return renderFile(input, flags);
}
