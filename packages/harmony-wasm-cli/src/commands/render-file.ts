/** `harmony render` from an input to files: the run, made of the flags. */

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { columnsNamed, DEFAULT_COLUMNS, PACKED_COLUMNS } from "../columns/names.ts";
import { detectedShape } from "../conversation/shape.ts";
import { CommandError, EXIT, UsageError } from "../exit.ts";
import type { RunIdentity } from "../files/journal.ts";
import { refuseInputAsOutput } from "../files/same-file.ts";
import { type BatchSize, batchSizeFor, type InputBatch } from "../input/batch.ts";
import type { LinePosition } from "../input/line-cutter.ts";
import { continued, joined } from "../input/position.ts";
import { openSource, type Source } from "../input/source.ts";
import { packOptions, sampleOptions } from "../options/flags.ts";
import type { Shape } from "../options/render-options.ts";
import type { Layout } from "../output/format.ts";
import { compressionOf, defaultColumns, formatOf, layoutOf } from "../output/formats.ts";
import {
  clearFinished,
  isFinished,
  openPartialSink,
  refuseOther,
  rejectedPath,
} from "../output/partial-sink.ts";
import { finishedRun } from "../output/run-file.ts";
import type { Sink } from "../output/sink.ts";
import { StdoutSink } from "../output/stdout-sink.ts";
import { runJob } from "../pipeline/run.ts";
import { type Counts, formatContext, type Job } from "../pipeline/task.ts";
import { provenance, software } from "../provenance.ts";
import { counted } from "../terminal/text-output.ts";
import type { RenderFlags } from "./render.ts";

const START = { row: 0, offset: 0 };

/** Renders a file, or stdin. */
export async function renderFile(input: string, flags: RenderFlags): Promise<void> {
  const output = flags.output;
  if (output === undefined) throw new UsageError("say where to: --output <path>, or - for stdout");
  const looked = await lookedAt(input, flags);
  const job = jobOf(output, flags, looked.shape);
  const layout = layoutOf(output, formatContext(job));
  if (output !== "-") refuseInputAsOutput(input, writtenPaths(output, layout));
  const run = await runOf(input, job);
  if (flags.resume && output !== "-" && isFinished(output)) {
    await clearFinished(output);
    return tellFinished(output, input, run);
  }
  const sink = await openSink(output, layout, run, flags);
  const { source, batches } = await looked.from(sink.resumed ?? START);
  const workers = flags.workers ?? availableParallelism();
  const counts = await runJob({ job, workers, source, batches, sink, isQuiet: flags.quiet });
  tell(output, counts, flags.quiet);
}

interface Looked {
  shape: Shape;
  from: (position: LinePosition) => Promise<Opened>;
}

interface Opened {
  source: Source;
  batches: AsyncIterable<InputBatch>;
}

/** Looks at the first batch where the flags do not say the shape; stdin is read once. */
async function lookedAt(input: string, flags: RenderFlags): Promise<Looked> {
  const size = batchSizeFor(flags.pack);
  if (flags.shape !== "auto") {
    return { shape: flags.shape, from: (position) => opened(input, position, size) };
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

function jobOf(output: string, flags: RenderFlags, shape: Shape): Job {
  const format = flags.format ?? (output === "-" ? "jsonl" : formatOf(output));
  const pack = packOptions(flags);
  const usual = pack ? PACKED_COLUMNS : (defaultColumns(format) ?? DEFAULT_COLUMNS);
  const columns = flags.columns ? columnsNamed(flags.columns, pack !== undefined) : usual;
  const samples = sampleOptions(flags, shape, pack?.length);
  const compression = compressionOf(format, output, flags.compression);
  const options = { samples, ...(pack && { pack }), columns };
  const metadata = provenance(options);
  return { render: options, format: { format, columns, compression, metadata } };
}

async function openSink(
  output: string,
  layout: Layout,
  run: RunIdentity,
  flags: RenderFlags,
): Promise<Sink> {
  if (output !== "-") return openPartialSink(output, layout, run, flags);
  if (flags.resume) throw new UsageError("--resume: stdout cannot be gone on with");
  return new StdoutSink(layout);
}

function writtenPaths(output: string, { files }: Layout): string[] {
  const named = files.map(({ path }) => path).filter((path) => path !== "");
  return [...named, rejectedPath(output)];
}

async function runOf(input: string, { render, format }: Job): Promise<RunIdentity> {
  const options = { ...render, format: format.format, compression: format.compression };
  return { input: await identityOf(input), options, software: software() };
}

/** What tells one input from another. */
async function identityOf(input: string): Promise<unknown> {
  if (input === "-") return { path: "-" };
  const { size, mtimeMs } = await stat(input);
  return { path: input, size, mtimeMs };
}

/** A run that is finished ends as it did the first time; another one does not end as if it had been done. */
function tellFinished(output: string, input: string, run: RunIdentity): void {
  refuseOther(output, run, finishedRun(output));
  if (input === "-") {
    throw new UsageError(
      `--resume: ${output} is finished, and whether stdin is what it was made of is not known; --overwrite starts anew`,
    );
  }
  const message = `${output} is finished; there is nothing to go on with`;
  if (!existsSync(rejectedPath(output))) process.stderr.write(`harmony: ${message}\n`);
  else throw new CommandError(`${message}, and some rows were rejected`, EXIT.rowsRejected);
}

function tell(output: string, counts: Counts, isQuiet: boolean): void {
  const { conversations, rows, tokens, trained, dropped, rejected } = counts;
  const parts = [
    counted(conversations, "conversation"),
    counted(rows, "row"),
    `${counted(tokens, "id")}, ${trained} with loss`,
    ...(dropped > 0 ? [`${dropped} dropped by the truncation`] : []),
  ];
  if (!isQuiet) process.stderr.write(`${parts.join("; ")}\n`);
  if (rejected === 0) return;
  const place = output === "-" ? "above" : `in ${rejectedPath(output)}`;
  const were = rejected === 1 ? "was rejected; it is" : "were rejected; they are";
  throw new CommandError(`${counted(rejected, "row")} ${were} ${place}`, EXIT.rowsRejected);
}
