/** Carries out a render plan: opens the input and the output, runs the job, and reports. */

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { CommandError, EXIT, UsageError } from "../exit.ts";
import type { Layout } from "../formats/format.ts";
import { layoutOf } from "../formats/formats.ts";
import { type BatchSize, batchSizeFor, type InputBatch } from "../input/batch.ts";
import type { LinePosition } from "../input/line-cutter.ts";
import { continued, joined } from "../input/position.ts";
import { detectedShape } from "../input/shape.ts";
import { openSource, type Source } from "../input/source.ts";
import { software } from "../provenance.ts";
import { type Counts, reasonLines } from "../rows/counts.ts";
import type { Shape } from "../rows/shapes.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import {
  clearFinished,
  isFinished,
  openPartialSink,
  refuseOther,
  rejectedPath,
} from "../sinks/partial-sink.ts";
import { finishedRun } from "../sinks/run-file.ts";
import { refuseInputAsOutput } from "../sinks/same-file.ts";
import type { Sink } from "../sinks/sink.ts";
import { StdoutSink } from "../sinks/stdout-sink.ts";
import { counted } from "../terminal/text-output.ts";
import { type Job, jobOf } from "./job.ts";
import type { RenderPlan } from "./plan.ts";
import { runJob } from "./run.ts";

const START = { row: 0, offset: 0 };

/** Renders a file, or stdin. */
export async function renderFile(plan: RenderPlan): Promise<void> {
  const { input, output, existing, workers, isQuiet } = plan;
  const prepared = await preparedInput(plan);
  const job = jobOf(plan, prepared.shape);
  const layout = layoutOf(output, job.format);
  if (output !== "-") refuseInputAsOutput(input, writtenPaths(output, layout));
  const run = await identityOf(input, job);
  if (existing.resume && output !== "-" && isFinished(output)) {
    await clearFinished(output);
    return reportFinished(output, input, run);
  }
  const sink = await openSink(plan, layout, run);
  const { source, batches } = await prepared.from(sink.resumed ?? START);
  const check = (counts: Counts) => checkRejected(plan, counts);
  const counts = await runJob({ job, workers, source, batches, sink, isQuiet, check });
  report(plan, counts);
}

/** An input whose shape is known, to be read from any position. */
interface PreparedInput {
  shape: Shape;
  from: (position: LinePosition) => Promise<Opened>;
}

interface Opened {
  source: Source;
  batches: AsyncIterable<InputBatch>;
}

/** Reads the first batch if the plan does not have the shape; stdin is read only once. */
async function preparedInput({ input, samples, pack }: RenderPlan): Promise<PreparedInput> {
  const size = batchSizeFor(pack?.length);
  if (samples.shape !== "auto") {
    return { shape: samples.shape, from: (position) => opened(input, position, size) };
  }
  const { source, batches } = await opened(input, START, size);
  const rest = batches[Symbol.asyncIterator]();
  const first = await rest.next();
  const shape = first.done ? "harmony" : detectedShape(first.value);
  return {
    shape,
    from: async (position) => {
      if (input !== "-" && position.row > 0) return opened(input, position, size);
      return { source, batches: continued(joined(first, rest), position) };
    },
  };
}

async function opened(input: string, position: LinePosition, size: BatchSize): Promise<Opened> {
  const source = await openSource(input, position, size);
  return { source, batches: source.batches() };
}

async function openSink(
  { output, existing }: RenderPlan,
  layout: Layout,
  run: RunIdentity,
): Promise<Sink> {
  return output === "-" ? new StdoutSink(layout) : openPartialSink(output, layout, run, existing);
}

function writtenPaths(output: string, { files }: Layout): string[] {
  const named = files.map(({ path }) => path).filter((path) => path !== "");
  return [...named, rejectedPath(output)];
}

async function identityOf(input: string, { render, format }: Job): Promise<RunIdentity> {
  const options = { ...render, format: format.format, compression: format.compression };
  return { input: await inputIdentityOf(input), options, software: software() };
}

async function inputIdentityOf(input: string): Promise<unknown> {
  if (input === "-") return { path: "-" };
  const { size, mtimeMs } = await stat(input);
  return { path: input, size, mtimeMs };
}

/** A finished run ends as it did the first time; a different run is refused. */
function reportFinished(output: string, input: string, run: RunIdentity): void {
  refuseOther(output, run, finishedRun(output));
  if (input === "-") {
    throw new UsageError(
      `--resume: ${output} is finished, and stdin cannot be compared with its input; --overwrite starts over`,
    );
  }
  const message = `${output} is finished; there is nothing to resume`;
  if (!existsSync(rejectedPath(output))) process.stderr.write(`harmony render: ${message}\n`);
  else throw new CommandError(`${message}, and some rows were rejected`, EXIT.rowsRejected);
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

function report(plan: RenderPlan, counts: Counts): void {
  const { output, isQuiet } = plan;
  const { conversations, rows, tokens, trained, dropped, rejected } = counts;
  const parts = [
    counted(conversations, "conversation"),
    counted(rows, "row"),
    `${counted(tokens, "id")}, ${trained} trained on`,
    ...(dropped > 0 ? [`${dropped} dropped by truncation`] : []),
  ];
  if (!isQuiet) process.stderr.write(`${parts.join("; ")}\n`);
  reportAnalysis(plan, counts);
  for (const name of plan.carry.filter((each) => rows > 0 && !counts.carried[each])) {
    process.stderr.write(`harmony render: --carry: no conversation has the field ${name}\n`);
  }
  if (rejected === 0) return;
  const place = output === "-" ? "above" : `in ${rejectedPath(output)}`;
  const were = rejected === 1 ? "was rejected; it is" : "were rejected; they are";
  const message = `${counted(rejected, "row")} ${were} ${place}`;
  throw new CommandError([message, ...reasonLines(counts)].join("\n"), EXIT.rowsRejected);
}

/** Stops a run with too many rejected rows: its options or its input are probably wrong. */
function checkRejected({ maxRejected, output }: RenderPlan, counts: Counts): void {
  if (maxRejected === undefined || counts.rejected <= maxRejected) return;
  const place =
    output === "-"
      ? "they are above"
      : `they are in ${output}.partial/rejected; finished batches are kept, and --resume continues`;
  const message = `stopped: ${counted(counts.rejected, "row")} rejected, more than --max-rejected ${maxRejected}; ${place}`;
  throw new CommandError([message, ...reasonLines(counts)].join("\n"));
}
