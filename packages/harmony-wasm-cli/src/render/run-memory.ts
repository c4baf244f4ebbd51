/** The parts of earlier batches that a run remembers: the rows for `--dedupe`, the summary for `--report`. */

import type { MessagePort } from "node:worker_threads";
import type { CommandError } from "../exit.ts";
import type { BatchGroup } from "../input/batch-groups.ts";
import { addedSummaries, NO_SUMMARY, type Summary } from "../rows/summary.ts";
import { FirstRows } from "../selection/first-rows.ts";
import type { LedgerEntry } from "../sinks/ledger.ts";
import { LedgerSink } from "../sinks/ledger-sink.ts";
import type { DoneBatch, Sink } from "../sinks/sink.ts";
import type { RenderPlan } from "./plan.ts";

/** Batches to render together, and with `--dedupe` the port that answers which of its rows are the first. */
export interface RenderTask {
  batches: BatchGroup;
  port?: MessagePort;
}

/** The memory of one run. */
export class RunMemory {
  /** The summary of all batches. */
  summary: Summary = NO_SUMMARY;
  readonly #firstRows: FirstRows | undefined;
  readonly #isNeeded: boolean;
  /** The digests of the rows that the batches under way keep, in their order. */
  readonly #kept: Promise<Uint8Array>[] = [];

  constructor({ dedupeBytes, reports }: RenderPlan) {
    this.#firstRows = dedupeBytes === undefined ? undefined : new FirstRows(dedupeBytes);
    this.#isNeeded = this.#firstRows !== undefined || reports.length > 0;
  }

  /** Why the run cannot continue. */
  get failure(): CommandError | undefined {
    return this.#firstRows?.failure;
  }

  /** The sink with a ledger, from which a resumed run fills its memory. */
  async sinkOver(sink: Sink): Promise<Sink> {
    return this.#isNeeded ? LedgerSink.over(sink, (entry) => this.#recall(entry)) : sink;
  }

  /** The groups of batches as tasks of workers. */
  async *tasksOf(groups: AsyncIterable<BatchGroup>): AsyncGenerator<RenderTask> {
    for await (const batches of groups) {
      const asked = this.#firstRows?.nextBatch();
      if (asked) this.#kept.push(asked.kept);
      yield asked ? { batches, port: asked.port } : { batches };
    }
  }

  /** Adds the next batch, in the order of the tasks, and returns it with its digests. */
  async completed(done: DoneBatch): Promise<DoneBatch> {
    if (done.summary) this.summary = addedSummaries(this.summary, done.summary);
    const digests = await this.#kept.shift();
    return digests ? { ...done, digests } : done;
  }

  #recall({ summary, digests }: LedgerEntry): void {
    if (summary) this.summary = addedSummaries(this.summary, summary);
    if (digests !== undefined) this.#firstRows?.add(Buffer.from(digests, "base64"));
  }
}
