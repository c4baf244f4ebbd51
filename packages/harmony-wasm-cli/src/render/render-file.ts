/** Carries out a render plan: opens the inputs and the output, runs the job, and reports. */

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BatchSize, batchSizeFor, batchSizeWithin } from "../input/batch.ts";
import { batchGroups } from "../input/batch-groups.ts";
import { InputSet } from "../input/input-set.ts";
import { software } from "../provenance.ts";
import { reportOf } from "../report/report.ts";
import { START } from "../rows/position.ts";
import { splitNames } from "../selection/split.ts";
import { ShuffledInput } from "../shuffle/shuffled-input.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { refuseExistingReports, storeReports } from "../sinks/reports.ts";
import { refuseInputsAsOutput, refuseInputsAtAddress } from "../sinks/same-file.ts";
import { refuseForShape } from "./chat-only.ts";
import { checkRejected, report } from "./end-of-run.ts";
import { type Job, type JobFile, jobOf } from "./job.ts";
import { type Output, outputOf } from "./outputs.ts";
import type { RenderPlan } from "./plan.ts";
import { RenderPool } from "./render-pool.ts";
import { runJob } from "./run.ts";
import { identityOfInputs, type RunInputs, runInputs } from "./run-inputs.ts";
import { RunMemory } from "./run-memory.ts";
import { shuffledInput } from "./shuffled.ts";

/** Renders the inputs of a plan into its output. */
export async function renderFile(plan: RenderPlan): Promise<void> {
  const { samples, isQuiet } = plan;
  const inputs = await runInputs(plan);
  const size = batchSizeOf(plan);
  const set = await InputSet.open(inputs.files, samples.shape, size);
  const job = jobOf(plan, filesOf(plan, set), size);
  const pool = new RenderPool(job, plan.workers);
  const output = outputOf(plan, { ...job, encodeInThread: (few) => pool.encode(few) }, inputs);
  output.refuseInputs(inputs.all);
  refuseInputsAsReports(plan, inputs);
  const run = identityOf(plan, inputs, job);
  if (await output.isFinished(run)) return;
  await refuseExistingReports(plan.reports, plan.existing);
  const memory = new RunMemory(plan);
  const sink = await memory.sinkOver(await output.open(run));
  const source = await sourceOf({ plan, set, size, inputs, output, run }).catch(async (error) => {
    await sink.close();
    throw error;
  });
  const counts = await runJob({
    pool,
    source,
    groups: batchGroups(source.batches(sink.resumed ?? START, inputs.portion.takes), size),
    sink,
    isQuiet,
    check: (sum) => checkRejected(plan, output, sum),
    memory,
    conclude: (sum) =>
      storeReports(
        plan.reports,
        reportOf(factsOf(plan, inputs, run), sum, memory.summary),
        plan.staging,
      ),
  });
  if (source instanceof ShuffledInput) await source.close();
  report(plan, output, counts);
}

/** The files with their shapes; that of a file without rows does not matter. */
function filesOf({ samples: { chat } }: RenderPlan, { files }: InputSet): JobFile[] {
  return files.map(({ file: { name }, shape }) => {
    refuseForShape(chat, shape, name);
    return { name, shape: shape ?? "harmony" };
  });
}

function refuseInputsAsReports({ reports }: RenderPlan, { all }: RunInputs): void {
  refuseInputsAsOutput(all, reports, "--report");
  for (const report of reports) refuseInputsAtAddress(all, report, "--report");
}

/** A run whose output is open. */
interface OpenRun {
  plan: RenderPlan;
  set: InputSet;
  size: BatchSize;
  inputs: RunInputs;
  output: Output;
  run: RunIdentity;
}

/** The rows in their own order, or shuffled. */
async function sourceOf({ plan, set, size, inputs, output, run }: OpenRun) {
  const { shuffle: options, isQuiet } = plan;
  if (!options) return set;
  const folder = output.scratch ?? (await mkdtemp(join(tmpdir(), "harmony-shuffle-")));
  return shuffledInput({ set, inputs, options, run, folder, size, isQuiet });
}

function factsOf({ output, split, dedupeBytes }: RenderPlan, inputs: RunInputs, run: RunIdentity) {
  return {
    output: output === "-" ? "stdout" : output,
    inputs: inputs.files.map(({ name, size }) => ({ name, bytes: size ?? null })),
    options: run.options,
    software: software(),
    splitNames: split ? splitNames(split) : [],
    isDeduplicated: dedupeBytes !== undefined,
  };
}

/** Batches are small enough for the parts, but as large as packs need. */
function batchSizeOf({ pack, shards }: RenderPlan): BatchSize {
  if (pack || !shards) return batchSizeFor(pack?.length);
  const { unit, most } = shards.size;
  return batchSizeWithin({ [unit]: most });
}

function identityOf(
  { shards }: RenderPlan,
  inputs: RunInputs,
  { render, format: { format, compression }, summarizes }: Job,
): RunIdentity {
  const parts = shards && { shard_size: shards.size.text, shard: shards.share ?? null };
  const options = {
    ...render,
    format,
    compression,
    ...parts,
    ...(summarizes && { report: true }),
  };
  return { input: identityOfInputs(inputs), options, software: software() };
}
