/** The tasks of the threads of reading commands, and the order of their results and errors. */

import { expect, it } from "vitest";
import { type WorkBatch, withWork } from "../src/check/work.ts";
import { CommandError } from "../src/exit.ts";
import type { GivenBatch, InputBatch } from "../src/input/batch.ts";
import { LineCutter } from "../src/input/line-cutter.ts";
import { START } from "../src/rows/position.ts";
import { recordedWorkers } from "./recorded-workers.ts";

const work = { kind: "countIds", options: { each: true, namesFile: true } } as const;

/** The batch of a file with these lines. */
function batchOf(...lines: string[]): InputBatch {
  const cutter = new LineCutter(START, { rows: 5000, bytes: 4e6 });
  const batches = [...cutter.push(Buffer.from(lines.join("\n"))), ...cutter.end()];
  const [batch] = batches;
  if (!batch || batches.length > 1) throw new Error("expected one batch");
  return batch;
}

type Files = Record<string, GivenBatch[]>;

async function* worked(files: Files, error?: Error): AsyncGenerator<WorkBatch<"countIds">> {
  async function* each(batches: GivenBatch[]) {
    yield* batches;
  }
  for (const [path, batches] of Object.entries(files)) yield* withWork(work, path, each(batches));
  if (error) throw error;
}

/** The lines of the results, up to an error, and the tasks of the threads. */
async function done(files: Files, workers: number, error?: Error) {
  const { threads, tasks } = recordedWorkers(workers);
  const lines: unknown[] = [];
  let failure: unknown;
  try {
    for await (const batch of threads.inOrder(worked(files, error))) {
      lines.push(
        ...batch.lines
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      );
    }
  } catch (thrown) {
    failure = thrown;
  }
  return { lines, failure, tasks: tasks.map(({ batches }) => batches.length) };
}

const small = (name: string): [string, GivenBatch[]] => [name, [batchOf("[1,2]", "[3]")]];
const whole = (name: string): [string, GivenBatch[]] => [
  name,
  [batchOf(...Array(1024).fill("[1]"))],
];

it("joins the batches of small files to one task, whose results name their files", async () => {
  const files = Object.fromEntries([small("a"), small("b"), whole("c"), small("d")]);
  const { lines, tasks } = await done(files, 2);
  expect(tasks).toEqual([2, 1, 1]);
  expect(lines).toHaveLength(2 + 2 + 1024 + 2);
  expect(lines[3]).toEqual({ file: "b", row: 1, lengths: [1] });
  expect(lines.at(-1)).toEqual({ file: "d", row: 1, lengths: [1] });
});

it("starts no threads for small files that are one task", async () => {
  const { lines, tasks } = await done(Object.fromEntries([small("a"), small("b")]), 2);
  expect([lines.length, tasks]).toEqual([4, []]);
});

it("gives the results before a wrong row, and none after it", async () => {
  const files = Object.fromEntries([
    small("a"),
    ["b", [batchOf("[1]", "[2.5]")]] as const,
    whole("c"),
    small("d"),
  ]);
  const { lines, failure } = await done(files, 2);
  expect(lines).toEqual([
    { file: "a", row: 0, lengths: [2] },
    { file: "a", row: 1, lengths: [1] },
  ]);
  const message = 'b, row 1: "input_ids[0]" expected a token id, got 2.5';
  expect(failure).toEqual(new CommandError(message));
});

it.each([1, 2])(
  "gives all results before an error of the input, with %i workers",
  async (workers) => {
    const error = new CommandError("the input is damaged");
    for (const files of [[small("a")], [whole("a"), small("b"), small("c")]]) {
      const { lines, failure } = await done(Object.fromEntries(files), workers, error);
      expect(failure).toBe(error);
      expect(lines).toHaveLength(files.length === 1 ? 2 : 1028);
    }
  },
);
