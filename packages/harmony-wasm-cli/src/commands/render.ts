/** `harmony render`: renders conversations to ids, masks and spans, in a trainer's format. */

import type { Command } from "commander";
import { arrowOptions } from "../options/arrow-flags.ts";
import { addRenderFlags, type RenderFlags, renderPlan } from "../options/render-flags.ts";

const EXAMPLES = `
Examples:
  harmony render train.jsonl -o train.parquet --analysis keep
  harmony render 'data/**/*.jsonl.zst' extra.parquet -o out/ --shard-size 500MB
  harmony render data/ -o out/ --shard 2/8
  harmony render 's3://bucket/chats/*.jsonl.zst' -o s3://bucket/rendered/
  harmony render chat.jsonl -o packed.parquet --shape chat --pack 8192
  harmony render data/ -o out/ --dedupe --split validation=1% --report report.html
  zcat train.jsonl.gz | harmony render - -o - --columns input_ids,loss_mask`;

/** Adds the command. */
export function addRender(program: Command): void {
  const command = program
    .command("render")
    .description("render conversations to token ids, loss masks and spans")
    .addHelpText("after", EXAMPLES)
    .argument(
      "[inputs...]",
      "JSON lines (plain, .gz or .zst), Parquet or Arrow: files, quoted globs, folders, also in s3://, gs://, hf://, https://; - is stdin (default)",
    );
  addRenderFlags(command).action(render);
}

/** The libraries of the formats take a quarter of a second to load, so each is loaded on use. */
async function render(inputs: string[], flags: RenderFlags, command: Command): Promise<void> {
  if (flags.arrowStdio) {
    const options = arrowOptions(inputs, flags, command);
    const { serveStdio } = await import("../arrow-stdio/stdio.ts");
    return serveStdio(flags.column ?? "conversation", options);
  }
  const plan = renderPlan(
    inputs.length > 0 ? inputs : ["-"],
    flags,
    command.getOptionValueSource("analysis") === "cli",
  );
  const { renderFile } = await import("../render/render-file.ts");
  return renderFile(plan);
}
