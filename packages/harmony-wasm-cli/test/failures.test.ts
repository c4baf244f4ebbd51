/** An error that the user can act on is one line that names the place, never a stack trace. */

import { mkdirSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();

beforeAll(() => {
  mkdirSync(file("folder"));
  writeFileSync(file("latin1.txt"), Buffer.from("Gr\xfc\xdfe", "latin1"));
  writeFileSync(file("unknown.jsonl"), '{"input_ids":[1]}\n{"input_ids":[5000000]}\n');
  writeFileSync(file("cut.jsonl"), "[200007]\n[200007, 17\n");
  writeFileSync(file("bad.jsonl"), '{"messages": 1}\n');
});

it.each([
  ["count --text nowhere", 1, "nowhere could not be read: ENOENT"],
  ["encode nowhere", 1, "nowhere could not be read: ENOENT"],
  ["decode nowhere", 1, "nowhere could not be read: ENOENT"],
  ["encode folder", 1, "folder could not be read: EISDIR"],
  ["encode latin1.txt", 1, "latin1.txt is not UTF-8"],
  ["count --text latin1.txt", 1, "latin1.txt is not UTF-8"],
  ["inspect unknown.jsonl --row 1", 1, "unknown.jsonl, row 1: "],
  ["inspect unknown.jsonl --row abc", 2, "Expected a whole number, 0 or more."],
  ["decode cut.jsonl", 1, "cut.jsonl, line 2: "],
  ["decode --ids abc", 1, '--ids, line 1: expected a token id, got "abc"'],
  ["decode --ids -1", 1, '--ids, line 1: expected a token id, got "-1"'],
  ["decode --ids [1,null]", 1, "--ids, line 1: expected a token id, got null"],
  [
    "inspect bad.jsonl --shape chat",
    3,
    "row 0: invalid_conversation at messages: expected an array",
  ],
])("harmony %s", async (command, code, message) => {
  const ended = await run(command.split(" "), { cwd: file(".") });
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
  expect(ended.stdout.toString()).not.toContain("\n\n");
});
