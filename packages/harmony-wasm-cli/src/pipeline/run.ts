/** A whole run: batches from the source through the workers into the sink. */

import { CommandError, EXIT } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import type { Sink } from "../output/sink.ts";
import { Progress, type ProgressSource } from "../progress.ts";
import { WorkerPool } from "./pool.ts";
import { addedCounts, type Counts, type Job, NO_COUNTS } from "./task.ts";

/** What a run is made of. */
export interface Run {
  job: Job;
  workers: number;
  source: ProgressSource;
  batches: AsyncIterable<InputBatch>;
  sink: Sink;
  isQuiet: boolean;
}

/** Does all batches; what has been counted, an earlier run's included. */
export async function runJob({
  job,
  workers,
  source,
  batches,
  sink,
  isQuiet,
}: Run): Promise<Counts> {
  const interruption = new Interruption();
  const pool = new WorkerPool(job, workers);
  let counts = sink.resumed?.counts ?? NO_COUNTS;
  const progress = new Progress(source, counts, isQuiet);
  try {
    for await (const { batch, done } of pool.inOrder(interruption.stops(batches))) {
      counts = addedCounts(counts, done.counts);
      const row = batch.firstRow + batch.length;
      await sink.add(done, { row, offset: batch.nextOffset, counts });
      progress.update(counts);
      interruption.check();
    }
    await sink.finish();
    return counts;
  } finally {
    progress.stop();
    interruption.end();
    await pool.close();
    await sink.close();
  }
}

/** Ctrl-C ends the run between two batches; a second one ends the program at once. */
class Interruption {
  #signal: NodeJS.Signals | undefined;
  readonly #stop = (signal: NodeJS.Signals) => {
    this.#signal = signal;
    this.end();
  };

  constructor() {
    process.on("SIGINT", this.#stop);
    process.on("SIGTERM", this.#stop);
  }

  /** The batches, until the signal comes. */
  async *stops(batches: AsyncIterable<InputBatch>): AsyncGenerator<InputBatch> {
    for await (const batch of batches) {
      this.check();
      yield batch;
    }
  }

  check(): void {
    if (this.#signal === undefined) return;
    const message = `stopped by ${this.#signal}; what is done stays, and --resume goes on with it`;
    throw new CommandError(message, EXIT.interrupted);
  }

  /** Gives the signals back to Node, which ends the program. */
  end(): void {
    process.off("SIGINT", this.#stop);
    process.off("SIGTERM", this.#stop);
  }
}
