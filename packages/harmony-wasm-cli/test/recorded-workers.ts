/** Workers of the reading commands that are this thread, and keep the tasks that they got. */

import { answerOf, type Task } from "../src/check/answer.ts";
import { BatchWorkers } from "../src/check/batch-workers.ts";

/** The workers, and their tasks so far. */
export function recordedWorkers(workers: number): { threads: BatchWorkers; tasks: Task[] } {
  const tasks: Task[] = [];
  const threads = new BatchWorkers(workers, async () => ({
    async *inOrder(given) {
      for await (const task of given) {
        tasks.push(task);
        yield { batches: task.batches, done: await answerOf(task) };
      }
    },
    close: async () => {},
  }));
  return { threads, tasks };
}
