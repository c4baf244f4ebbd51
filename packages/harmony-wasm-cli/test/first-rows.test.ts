/** Batches are decided in their order, whichever worker asks first. */

import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { digestOf, joinedDigests } from "../src/rows/digest.ts";
import { askWhichAreFirst, FirstRows } from "../src/selection/first-rows.ts";

const MB = 1024 * 1024;
const digests = (...names: string[]) => joinedDigests(names.map((name) => digestOf(name)));

it("keeps the first in the order of the batches, when later batches ask earlier", async () => {
  const rows = new FirstRows(MB);
  rows.add(digests("before"));
  const batches = [digests("a", "b", "a"), digests("b", "c", "before"), digests("c", "a", "d")];
  const asked = batches.map(() => rows.nextBatch());
  const answers: Promise<Uint8Array>[] = [];
  for (const index of [2, 1, 0]) {
    const [batch, question] = [batches[index], asked[index]];
    if (!batch || !question) throw new Error("no batch");
    answers[index] = askWhichAreFirst(question.port, batch);
    await setTimeout(5);
  }
  const flags = (await Promise.all(answers)).map((each) => Array.from(each));
  expect(flags).toEqual([
    [1, 1, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  const kept = await Promise.all(asked.map(({ kept: each }) => each));
  expect(kept.map((each) => Buffer.from(each))).toEqual(
    [["a", "b"], ["c"], ["d"]].map((names) => Buffer.from(digests(...names))),
  );
});

it("ends every wait when the memory is full, and says so", async () => {
  const rows = new FirstRows(70_000);
  const [one, two] = [rows.nextBatch(), rows.nextBatch()];
  const many = Array.from({ length: 10_000 }, (_, row) => String(row));
  const answers = await Promise.allSettled([
    askWhichAreFirst(two.port, digests("x")),
    askWhichAreFirst(one.port, digests(...many)),
    one.kept,
    two.kept,
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    "rejected",
    "rejected",
    "rejected",
    "rejected",
  ]);
  expect(rows.failure?.message).toMatch(
    /^--dedupe: the digests of \d+ rows fill 0.07 MB; .* larger --dedupe-memory$/,
  );
});

it("ends the waits after a worker that ends without asking", async () => {
  const rows = new FirstRows(MB);
  const [one, two] = [rows.nextBatch(), rows.nextBatch()];
  const answer = askWhichAreFirst(two.port, digests("x"));
  one.port.close();
  await expect(answer).rejects.toThrow("the run has ended");
  await expect(one.kept).rejects.toThrow("the worker has ended");
  expect(rows.failure).toBeUndefined();
});
