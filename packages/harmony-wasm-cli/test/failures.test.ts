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
  writeFileSync(file("nan.jsonl"), '{"messages":[],"score":NaN}\n');
  writeFileSync(file("bad.jsonl"), '{"messages": 1}\n');
  writeFileSync(
    file("some-bad.jsonl"),
    '{"messages":[{"role":"user","content":"hi"}]}\n{\n{}\n[\n',
  );
  writeFileSync(file("wrong-ids.jsonl"), '{"input_ids":[1,"a"],"text":"a"}\n');
  writeFileSync(file("null-ids.jsonl"), '{"input_ids":null}\n');
  writeFileSync(file("minus.jsonl"), '{"input_ids":[-2]}\n');
  writeFileSync(file("bare.jsonl"), "[1,2.5]\n");
  writeFileSync(file("empty.jsonl"), "");
  writeFileSync(file("blank.jsonl"), "\n".repeat(3000));
  writeFileSync(file("good.jsonl"), '{"messages":[{"role":"user","content":"hi"}]}\n');
  writeFileSync(file("one-bad.jsonl"), '{"messages":[{"role":"user","content":"hi"}]}\n{}\n');
});

it.each([
  ["count --text nowhere", 1, "nowhere does not exist"],
  ["encode nowhere", 1, "nowhere does not exist"],
  ["decode nowhere", 1, "nowhere does not exist"],
  ["encode folder", 1, "folder could not be read: EISDIR"],
  ["encode latin1.txt", 1, "latin1.txt is not UTF-8"],
  ["count --text latin1.txt", 1, "latin1.txt is not UTF-8"],
  ["inspect unknown.jsonl --row 1", 1, "unknown.jsonl, row 1: "],
  ["inspect unknown.jsonl --row abc", 2, "Expected a whole number from 0 to 9007199254740991."],
  ["decode cut.jsonl", 1, "cut.jsonl, line 2: "],
  ["decode --ids abc", 1, '--ids, line 1: expected a token id, got "abc"'],
  ["decode --ids -1", 1, '--ids, line 1: expected a token id, got "-1"'],
  ["decode --ids [1,null]", 1, "--ids, line 1: expected a token id, got null"],
  ["render nan.jsonl -o a.jsonl", 1, "none of the first rows is JSON: Unexpected token 'N'"],
  ["render good.jsonl -o a.jsonl --truncation cut", 2, "requires --max-length or --pack"],
  ["render good.jsonl -o a.jsonl --column text", 2, "--column requires --arrow-stdio"],
  [
    "render good.jsonl -o a.jsonl --for completion --mask body",
    2,
    "--mask requires --for training",
  ],
  ["render good.jsonl -o a.jsonl --for completion --last-turn", 2, "--last-turn requires --for tr"],
  ["render good.jsonl -o a.jsonl --shape harmony --model-identity me", 2, "requires --shape chat"],
  ["count good.jsonl --shape harmony --no-system-message", 2, "--no-system-message requires --sh"],
  [
    "count good.jsonl --shape harmony --conversation-date 2026-01-31",
    2,
    "--conversation-date requires ",
  ],
  ["count good.jsonl --mask body", 2, "unknown option '--mask'"],
  ["encode --special --ordinary --text a", 2, "'--special' cannot be used with option '--ordina"],
  ["encode --text a good.jsonl", 2, "--text: expected no file beside it, got good.jsonl"],
  ["decode --ids 1 good.jsonl", 2, "--ids: expected no file beside it, got good.jsonl"],
  ["verify good.jsonl --show many", 2, "Expected a whole number from 0 to 9007199254740991."],
  [
    "stats one-bad.jsonl --json --shape chat",
    3,
    "1 row could not be rendered\n  1 × invalid_conversation at messages; first one-bad.jsonl, row 1: expected messages",
  ],
  [
    "count some-bad.jsonl --shape chat",
    3,
    "3 rows could not be rendered\n  2 × invalid_json; first",
  ],
  ["count some-bad.jsonl --shape chat", 3, "\n  1 × invalid_conversation at messages; first some-"],
  [
    "count wrong-ids.jsonl",
    1,
    'wrong-ids.jsonl, row 0: "input_ids[1]" expected a token id, got "a"',
  ],
  [
    "stats null-ids.jsonl",
    1,
    'null-ids.jsonl, row 0: "input_ids" expected a list of token ids, got null\n',
  ],
  [
    "parse good.jsonl",
    1,
    'good.jsonl, row 0: "input_ids" expected a list of token ids, got nothing; the row has messages\n',
  ],
  [
    "parse wrong-ids.jsonl --column text",
    1,
    'wrong-ids.jsonl, row 0: "text" expected a list of token ids, got "a"\n',
  ],
  ["inspect", 1, "stdin has no rows"],
  [
    "stats unknown.jsonl --mask body",
    2,
    "unknown.jsonl: --mask requires conversations, but these ",
  ],
  ["count unknown.jsonl --analysis keep", 2, "unknown.jsonl: --analysis requires conversations"],
  ["inspect unknown.jsonl --no-analysis-loss", 2, "--no-analysis-loss requires conversations"],
  ["count --text good.jsonl --each", 2, "--text cannot be combined with --each, which requires"],
  ["count --text good.jsonl --max-length 5", 2, "cannot be combined with --max-length, which re"],
  ["verify unknown.jsonl --against-column ids", 2, "--against-column requires --against <ids>"],
  ["render good.jsonl -o a.jsonl --split v=5%=3", 2, "expected a name and a share, as validation="],
  [
    "render good.jsonl -o - --shape chat --no-system-message --reasoning-effort low",
    2,
    "--reasoning-effort requires harmony's system message, which --no-system-message leaves out",
  ],
  ["render good.jsonl -o a.jsonl --compression zstd", 2, "expected --output a.jsonl.zst, got a.js"],
  ["render good.jsonl -o a.jsonl.gz --compression none", 2, "expected --output a.jsonl, got a.j"],
  ["render good.jsonl -o a.json.gz --compression zstd", 2, "expected --output a.json.zst, got a."],
  ["inspect minus.jsonl", 1, 'minus.jsonl, row 0: "input_ids[0]" expected a token id, got -2'],
  ["count bare.jsonl", 1, 'bare.jsonl, row 0: "input_ids[1]" expected a token id, got 2.5'],
  ["inspect blank.jsonl", 1, "blank.jsonl has no rows"],
  ["inspect empty.jsonl", 1, "empty.jsonl has no rows"],
  ["decode --ids 999999999999999999", 1, 'expected a token id, got "999999999999999999"'],
  ["help rendr", 2, "unknown command 'rendr'"],
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

it.each([
  ["--mask-channels fnal", "--mask-channels fnal selects no id to train on"],
  ["--mask-roles tool", "the mask selects no id to train on"],
])("render warns that no id is trained on: %s", async (flags, message) => {
  const args = ["render", "good.jsonl", "-o", "-", "--shape", "harmony", ...flags.split(" ")];
  const ended = await run(args, { cwd: file(".") });
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain(`harmony render: ${message}\n`);
});

it.each(["empty.jsonl", "blank.jsonl"])("%s has no rows, which is not an error", async (name) => {
  const at = { cwd: file(".") };
  const rendered = await run(["render", name, "-o", "-", "--quiet"], at);
  expect([rendered.code, rendered.stdout.toString(), rendered.stderr]).toEqual([0, "", ""]);
  const counted = await run(["count", name], at);
  expect([counted.code, JSON.parse(counted.stdout.toString())]).toEqual([
    0,
    { conversations: 0, samples: 0, ids: 0, rejected: 0 },
  ]);
});

it("the shape of rows after many blank lines is that of the rows", async () => {
  const row = '{"messages":[{"role":"user","content":"hi"}],"reasoning_effort":"low"}';
  const input = `${"\n".repeat(3000)}${row}\n`;
  writeFileSync(file("late.jsonl"), input);
  const args = ["-o", "-", "--quiet", "--for", "completion", "--columns", "source_row"];
  for (const [name, given] of [
    ["late.jsonl", {}],
    ["-", { input }],
  ] as const) {
    const ended = await run(["render", name, ...args], { cwd: file("."), ...given });
    expect([ended.code, ended.stdout.toString()]).toEqual([0, '{"source_row":3000}\n']);
    expect((await run(["count", name], { cwd: file("."), ...given })).code).toBe(0);
  }
});
