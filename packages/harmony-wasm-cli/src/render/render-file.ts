/** Carries out a render plan: opens the inputs and the output, runs the job, and reports. */

import { type BatchSize, batchSizeFor, batchSizeWithin } from "../input/batch.ts";
import { InputSet } from "../input/input-set.ts";
import { software } from "../provenance.ts";
import { START } from "../rows/position.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { type Job, jobOf } from "./job.ts";
import { outputOf } from "./outputs.ts";
import type { RenderPlan } from "./plan.ts";
import { checkRejected, report } from "./report.ts";
import { runJob } from "./run.ts";
import { identityOfInputs, type RunInputs, runInputs } from "./run-inputs.ts";

/** Renders the inputs of a plan into its output. */
export async function renderFile(plan: RenderPlan): Promise<void> {
  const { samples, workers, isQuiet } = plan;
  const inputs = await runInputs(plan);
  const set = await InputSet.open(inputs.files, samples.shape, batchSizeOf(plan));
  const job = jobOf(
    plan,
    set.files.map(({ file, shape }) => ({ name: file.name, shape })),
  );
  const output = outputOf(plan, job, inputs);
  output.refuseInputs(inputs.all);
  const run = identityOf(plan, inputs, job);
  if (await output.isFinished(run)) return;
  const sink = await output.open(run);
  const batches = set.batches(sink.resumed ?? START, inputs.portion.takes);
  const counts = await runJob({
    job,
    workers,
    source: set,
    batches,
    sink,
    isQuiet,
    check: (sum) => checkRejected(plan, output, sum),
  });
  report(plan, output, counts);
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
  { render, format: { format, compression } }: Job,
): RunIdentity {
  const parts = shards && { shard_size: shards.size.text, shard: shards.share ?? null };
  const options = { ...render, format, compression, ...parts };
  return { input: identityOfInputs(inputs), options, software: software() };
}
