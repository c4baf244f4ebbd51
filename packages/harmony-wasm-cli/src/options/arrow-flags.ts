/**
 * The flags of `harmony render --arrow-stdio`, which reads record batches on stdin, answers them
 * on stdout, and has no file, no thread and no end of a run.
 */

import type { Command } from "commander";
import { columnsNamed, DEFAULT_COLUMNS, PACKED_COLUMNS } from "../columns/choice.ts";
import { UsageError } from "../exit.ts";
import { type RenderOptions, withShape } from "../render/plan.ts";
import { packOptions } from "./pack-flags.ts";
import type { RenderFlags } from "./render-flags.ts";
import { samplePlan } from "./sample-flags.ts";

const USED = [
  ...["arrowStdio", "column", "columns", "pack", "pad", "shiftLossMask"],
  ...["shape", "for", "analysis", "maxLength", "truncation"],
  ...["mask", "maskRoles", "maskChannels", "lastTurn", "analysisLoss"],
  ...["systemMessage", "reasoningEffort", "conversationDate", "knowledgeCutoff", "modelIdentity"],
  ...["thinkTags", "allowMarkup", "simplifySchemas"],
];

/** The options; refuses inputs, and flags that would do nothing. */
export function arrowOptions(
  inputs: readonly string[],
  flags: RenderFlags,
  command: Command,
): RenderOptions {
  refuseUnused(inputs, command);
  const pack = packOptions(flags);
  const { shape, ...plan } = samplePlan(flags, pack?.length);
  // A process that sees a part of a data set must not guess.
  if (shape === "auto") {
    throw new UsageError("--arrow-stdio requires --shape harmony or --shape chat");
  }
  const samples = withShape({ shape, ...plan }, shape);
  const usual = pack ? PACKED_COLUMNS : DEFAULT_COLUMNS;
  const columns = flags.columns ? columnsNamed(flags.columns, pack !== undefined) : usual;
  return { samples, ...(pack && { pack }), columns };
}

function refuseUnused([input]: readonly string[], command: Command): void {
  if (input !== undefined) {
    throw new UsageError(`--arrow-stdio reads stdin: expected no input, got ${input}`);
  }
  const unused = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === "cli" && !USED.includes(name);
  });
  if (!unused) return;
  throw new UsageError(
    `--arrow-stdio cannot be combined with ${unused.long}, which is for inputs and outputs that are files`,
  );
}
