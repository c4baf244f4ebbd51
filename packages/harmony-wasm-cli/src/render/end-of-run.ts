/** What a run says on stderr: its counts, and rows that were rejected. */

import { CommandError, EXIT } from "../exit.ts";
import { type Counts, reasonLines } from "../rows/counts.ts";
import { counted } from "../terminal/text-output.ts";
import type { Output } from "./outputs.ts";
import type { RenderPlan } from "./plan.ts";

/** Reports a finished run; throws if rows were rejected. */
export function report(plan: RenderPlan, output: Output, counts: Counts): void {
  const { isQuiet } = plan;
  const { conversations, rows, tokens, trained, dropped, duplicates, rejected } = counts;
  const splits = Object.entries(counts.splits).map(([name, each]) => `${name} ${each.rows}`);
  const parts = [
    counted(conversations, "conversation"),
    counted(rows, "row") + (splits.length > 0 ? ` (${splits.join(", ")})` : ""),
    `${counted(tokens, "id")}, ${trained} trained on`,
    ...(dropped > 0 ? [`${dropped} dropped by truncation`] : []),
    ...(duplicates > 0 ? [`${counted(duplicates, "duplicate")} left out`] : []),
  ];
  if (!isQuiet) process.stderr.write(`${parts.join("; ")}\n`);
  reportAnalysis(plan, counts);
  reportMask(plan, counts);
  reportFields(plan, counts);
  reportCalls(counts);
  if (rejected === 0) return;
  const were = rejected === 1 ? "was rejected; it is" : "were rejected; they are";
  const message = `${counted(rejected, "row")} ${were} ${output.rejectedPlace}`;
  throw new CommandError([message, ...reasonLines(counts)].join("\n"), EXIT.rowsRejected);
}

/** A mask that selects nothing has probably a misspelled channel, or the rows no answer. */
function reportMask({ samples }: RenderPlan, { rows, trained }: Counts): void {
  if (samples.for !== "training" || rows === 0 || trained > 0) return;
  const { channels } = samples.mask;
  const asked = channels ? `--mask-channels ${channels.join()} ` : "the mask ";
  process.stderr.write(`harmony render: ${asked}selects no id to train on\n`);
}

/** A field that no conversation has is probably misspelled. */
function reportFields({ carry, split }: RenderPlan, { rows, carried }: Counts): void {
  const asked = [
    ...carry.map((name) => ["--carry", name] as const),
    ...(split?.by === undefined ? [] : [["--split-by", split.by] as const]),
  ];
  for (const [flag, name] of asked) {
    if (rows === 0 || Object.hasOwn(carried, name)) continue;
    process.stderr.write(`harmony render: ${flag}: no conversation has the field ${name}\n`);
  }
}

/** Such a call is rendered as it is, and a model that is trained on it learns to write it. */
function reportCalls({ brokenCalls: { calls, first } }: Counts): void {
  if (calls === 0 || !first) return;
  const place = first.file === "" ? `row ${first.row}` : `${first.file}, row ${first.row}`;
  const have = calls === 1 ? "has" : "have";
  process.stderr.write(
    `harmony render: ${counted(calls, "call")} ${have} arguments that are not JSON, rendered as they are; first ${place}\n`,
  );
}

/** Training data without its thoughts is useless to many, so a default that drops them is reported. */
function reportAnalysis(
  { samples, isQuiet, isAnalysisChosen }: RenderPlan,
  { analysis, analysisLeftOut }: Counts,
): void {
  if (analysisLeftOut === 0) return;
  if (isQuiet && (isAnalysisChosen || samples.for !== "training")) return;
  process.stderr.write(
    `${analysisLeftOut} of ${counted(analysis, "analysis message")} left out: --analysis keep keeps them\n`,
  );
}

/** Stops a run with too many rejected rows: its options or its input are probably wrong. */
export function checkRejected({ maxRejected }: RenderPlan, output: Output, counts: Counts): void {
  if (maxRejected === undefined || counts.rejected <= maxRejected) return;
  const message = `stopped: ${counted(counts.rejected, "row")} rejected, more than --max-rejected ${maxRejected}; ${output.stoppedPlace}`;
  throw new CommandError([message, ...reasonLines(counts)].join("\n"));
}
