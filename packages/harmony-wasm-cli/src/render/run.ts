/** Runs a job: groups of batches from the source through the workers into the sink. */

import { CommandError, EXIT } from "../exit.ts";
import { type BatchGroup, lastOf } from "../input/batch-groups.ts";
import { endOf } from "../input/continued.ts";
import { addedCounts, type Counts, NO_COUNTS } from "../rows/counts.ts";
import type { Sink } from "../sinks/sink.ts";
import { Progress, type ProgressSource } from "../terminal/progress.ts";
import type { RenderPool } from "./render-pool.ts";
import type { RunMemory } from "./run-memory.ts";

/** The parts of a run. */
export interface Run {
  pool: RenderPool;
  source: ProgressSource;
  groups: AsyncIterable<BatchGroup>;
  sink: Sink;
  isQuiet: boolean;
  /** Called with the counts after each batch; throws to stop the run. */
  check: (counts: Counts) => void;
  memory: RunMemory;
  /** Called with the counts of all batches, before the output is complete. */
  conclude: (counts: Counts) => Promise<void>;
}

/** Renders all batches; returns the counts, including those of a resumed run. */
export async function runJob({
  pool,
  source,
  groups,
  sink,
  isQuiet,
  check,
  memory,
  conclude,
}: Run): Promise<Counts> {
  const interruption = new Interruption();
  let counts = sink.resumed?.counts ?? NO_COUNTS;
  const progress = new Progress(source, counts, isQuiet);
  try {
    check(counts);
    const tasks = memory.tasksOf(interruption.stops(groups));
    for await (const { batches, done } of pool.inOrder(tasks)) {
      counts = addedCounts(counts, done.counts);
      await sink.add(await memory.completed(done), { ...endOf(lastOf(batches)), counts });
      progress.update(counts);
      check(counts);
      interruption.check();
    }
    if (!sink.isComplete) await conclude(counts);
    await sink.finish();
    return counts;
  } catch (error) {
    throw memory.failure ?? error;
  } finally {
    progress.stop();
    interruption.end();
    await pool.close();
    await sink.close();
  }
}

/** Ctrl-C ends the run between two batches; a second one ends the program at once. */
class Interruption {
  #failure: CommandError | undefined;
  #stop: (failure: CommandError) => void = () => {};
  /** Rejects at the signal, because the next batch may never arrive. */
  readonly #stopped = new Promise<never>((_, reject) => {
    this.#stop = reject;
  });
  readonly #heard = (signal: NodeJS.Signals) => {
    const message = `stopped by ${signal}; finished batches are kept, and --resume continues`;
    this.#failure = new CommandError(message, EXIT.interrupted);
    this.#stop(this.#failure);
    this.end();
  };

  constructor() {
    this.#stopped.catch(() => {}); // Reported by check and stops.
    process.on("SIGINT", this.#heard);
    process.on("SIGTERM", this.#heard);
  }

  /** The groups, up to the signal. */
  async *stops(groups: AsyncIterable<BatchGroup>): AsyncGenerator<BatchGroup> {
    const source = groups[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([source.next(), this.#stopped]);
      if (next.done) return;
      yield next.value;
    }
  }

  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Returns the signals to Node, which ends the program. */
  end(): void {
    process.off("SIGINT", this.#heard);
    process.off("SIGTERM", this.#heard);
  }
}
