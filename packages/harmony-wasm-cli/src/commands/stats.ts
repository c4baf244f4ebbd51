/** `harmony stats`: shows the lengths of conversations, by role and channel. */

import Table from "cli-table3";
import type { Command } from "commander";
import type { BatchStats } from "../check/batch-stats.ts";
import { withWorkers } from "../check/batch-workers.ts";
import { SAMPLE_COLUMNS } from "../check/id-samples.ts";
import { LengthStats, QUANTILES } from "../check/length-stats.ts";
import { rowInputs } from "../check/row-inputs.ts";
import { rowWork } from "../check/row-work.ts";
import {
  addSampleFlags,
  chosenSampleFlag,
  type SampleFlags,
  samplePlan,
} from "../options/sample-flags.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import { addedFailures, type Failure, failedRows } from "../rows/failures.ts";
import { styled } from "../terminal/coloured.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";
import { reportRejected } from "./reported.ts";

interface StatsFlags extends SampleFlags, WorkersFlag {
  json?: boolean;
}

const BAR = 40;

const EXAMPLES = `
Examples:
  harmony stats train.jsonl --analysis keep
  harmony stats train.parquet --json
  harmony stats data/ --analysis keep
  harmony stats out/`;

/** Adds the command. */
export function addStats(program: Command): void {
  const command = program
    .command("stats")
    .description("show the lengths of samples: quantiles, roles and channels, a histogram")
    .addHelpText("after", EXAMPLES)
    .argument(
      "[inputs...]",
      "files, folders or globs of conversations or rendered rows; - is stdin",
    )
    .option("--json", "print one line of JSON");
  addSampleFlags(addWorkersFlag(command)).action(stats);
}

async function stats(names: string[], flags: StatsFlags, command: Command): Promise<void> {
  const inputs = await rowInputs(names);
  const batches = rowWork(inputs, {
    columns: SAMPLE_COLUMNS,
    ids: { kind: "idStats", options: null },
    plan: samplePlan(flags),
    flag: chosenSampleFlag(command),
    conversations: (options) => ({ kind: "conversationStats", options }),
  });
  const { gathered, failures } = await withWorkers(workersOf(flags), (threads) =>
    gather(threads.inOrder(batches)),
  );
  const output = new TextOutput();
  const rejected = failedRows(failures);
  if (flags.json) await output.line(asJson(gathered, rejected));
  else for (const line of asTables(gathered, rejected)) await output.line(line);
  await output.end();
  reportRejected(failures);
}

interface Gathered {
  gathered: LengthStats;
  failures: readonly Failure[];
}

async function gather(batches: AsyncIterable<BatchStats>): Promise<Gathered> {
  const all: Gathered = { gathered: new LengthStats(), failures: [] };
  for await (const { stats: own, failures } of batches) {
    all.gathered.merge(own);
    all.failures = addedFailures(all.failures, failures);
  }
  return all;
}

/** The words of a run's report: `ids`, `trained_ids`, `p50`. */
function asJson(stats: LengthStats, rejected: number): string {
  const { samples, tokens: ids, trained } = stats;
  const lengths = stats.quantiles();
  const quantiles = Object.fromEntries(QUANTILES.map((at, index) => [named(at), lengths[index]]));
  const kinds = Object.fromEntries(
    stats.kinds().map(([name, { messages, tokens, trained: ofKind }]) => {
      return [name, { messages, ids: tokens, trained_ids: trained === null ? null : ofKind }];
    }),
  );
  const histogram = stats.histogram().map(({ from, to, count }) => ({ from, to, samples: count }));
  const counts = { samples, ids, trained_ids: trained, rejected };
  return JSON.stringify({ ...counts, quantiles, kinds, histogram });
}

/** JavaScript would reorder keys that are whole numbers. */
function named(quantile: number): string {
  return `p${Math.round(100 * quantile)}`;
}

function* asTables(stats: LengthStats, rejected: number): Generator<string> {
  const { samples, tokens, trained } = stats;
  const loss = trained === null ? "training unknown" : `${trained} trained on`;
  yield `${counted(samples, "sample")}, ${counted(tokens, "id")}, ${loss}, ${rejected} rejected`;
  if (samples === 0) return;
  const lengths = new Table({
    head: QUANTILES.map((quantile) => `${quantile * 100}%`),
    style: { head: [], border: [] },
  });
  lengths.push(stats.quantiles().map(String));
  yield `${styled("bold", "ids per sample")}\n${lengths}`;
  const kinds = new Table({
    head: ["role and channel", "messages", "ids", "share", "trained on"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right"],
  });
  for (const [name, kind] of stats.kinds()) {
    const share = `${((100 * kind.tokens) / tokens).toFixed(1)}%`;
    kinds.push([
      name,
      String(kind.messages),
      String(kind.tokens),
      share,
      trained === null ? "?" : String(kind.trained),
    ]);
  }
  if (stats.kinds().length > 0) yield String(kinds);
  yield* histogramLines(stats);
}

function* histogramLines(stats: LengthStats): Generator<string> {
  const bins = stats.histogram();
  const most = Math.max(...bins.map(({ count }) => count));
  const width = String(bins.at(-1)?.to ?? 0).length;
  for (const { from, to, count } of bins) {
    const range = `${String(from).padStart(width)}–${String(to).padStart(width)}`;
    const bar = "█".repeat(Math.ceil((BAR * count) / most));
    yield `${range} ${styled("green", bar.padEnd(BAR))} ${count}`;
  }
}
