/** `harmony render`: renders conversations to ids, masks and spans, in a trainer's format. */

import type { Command } from "commander";
import {
  addRenderFlags,
  arrowOptions,
  type RenderFlags,
  renderPlan,
} from "../options/render-flags.ts";

/** Adds the command. */
export function addRender(program: Command): void {
  const command = program
    .command("render")
    .description("render conversations to token ids, loss masks and spans")
    .argument("[input]", "JSON lines (plain, .gz or .zst) or Parquet; - is stdin", "-");
  addRenderFlags(command).action(render);
}

/** The libraries of the formats take a quarter of a second to load, so each is loaded on use. */
async function render(input: string, flags: RenderFlags): Promise<void> {
  if (flags.arrowStdio) {
    const options = arrowOptions(flags);
    const { serveStdio } = await import("../arrow-stdio/stdio.ts");
    return serveStdio(flags.column, options);
  }
  const plan = renderPlan(input, flags);
  const { renderFile } = await import("../render/render-file.ts");
  return renderFile(plan);
}
