/** The threads of a run. */

import type { EncodedBatch, FewRows } from "../formats/format.ts";
import type { DoneBatch } from "../sinks/sink.ts";
import { WorkerPool, workerModule } from "../workers/pool.ts";
import type { Job } from "./job.ts";
import type { RenderTask } from "./run-memory.ts";

const WORKER = workerModule("../render/worker.ts", "./worker.js");

/** Renders batches, and encodes rows that have waited for their row group. */
export class RenderPool extends WorkerPool<RenderTask, DoneBatch> {
  constructor(job: Job, workers: number) {
    super(WORKER, workers, job);
  }

  /** Encodes rows of one split. */
  encode(few: readonly FewRows[]): Promise<EncodedBatch> {
    return this.call("encodedRows", few);
  }
}
