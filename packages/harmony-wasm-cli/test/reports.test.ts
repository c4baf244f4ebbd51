/** The reports of a run: what was left out, why rows were rejected, when it stops. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const user = (content: string) => ({ role: "user", content });
const thought = (content: string) => ({ role: "assistant", channel: "analysis", content });
const answer = (content: string) => ({ role: "assistant", channel: "final", content });
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const TURN = [user("2 + 2? 🦄🇩🇪"), thought("Easy."), answer("4 👨‍👩‍👧")];
const TURNS = [...TURN, user("And 3 + 3?"), thought("Six."), answer("6")];
const STDOUT = ["render", "-", "-o", "-", "--shape", "harmony", "--columns", "n_tokens"];

it.each([
  ["by default, even with --quiet", ["--quiet"], "2 of 3 analysis messages"],
  ["by a policy that was chosen", ["--analysis", "upstream"], "2 of 3 analysis messages"],
  ["by drop-history", ["--analysis", "drop-history"], "1 of 3 analysis messages"],
  [
    "by a policy, not by truncation",
    ["--max-length", "33", "--truncation", "drop-oldest-turns"],
    "1 of 2 analysis messages",
  ],
])("render reports the analysis that is left out %s", async (_, flags, message) => {
  const { code, stderr } = await run([...STDOUT, ...flags], { input: lines(TURN, TURNS) });
  const found = stderr.split("\n").filter((line) => line.includes("left out"));
  expect([code, found]).toEqual([0, [`${message} left out: --analysis keep keeps them`]]);
});

it.each([
  ["a policy that was chosen, with --quiet", ["--analysis", "upstream", "--quiet"]],
  ["a prompt, with --quiet", ["--for", "completion", "--quiet"]],
  ["a policy that keeps all", ["--analysis", "keep"]],
  ["per-turn, where each thought is in one sample", ["--analysis", "per-turn"]],
])("render reports nothing left out for %s", async (_, flags) => {
  const { stderr } = await run([...STDOUT, ...flags], { input: lines(TURN, TURNS) });
  expect(stderr).not.toContain("left out");
});

const CHAT = [user("2 + 2?"), { role: "assistant", thinking: "Easy.", content: "4" }];

it.each([
  ["keeps the thought before a chat row's answer", CHAT, [], true],
  ["keeps what upstream keeps of a chat row on request", CHAT, ["--analysis", "upstream"], false],
  ["keeps what upstream keeps of a chat row's prompt", CHAT, ["--for", "conversation"], false],
  ["keeps what upstream keeps of a row in harmony's shape", TURN, [], false],
])("render %s", async (_, messages, flags, isKept) => {
  const args = ["render", "-", "-o", "-", "--columns", "input_ids", ...flags];
  const { stdout } = await run(args, { input: lines({ messages }) });
  const { input_ids } = JSON.parse(stdout.toString());
  expect(loadHarmonyEncodingSync().decode(input_ids).includes("Easy.")).toBe(isKept);
});

it("inspect shows messages that are left out, and whole emoji", async () => {
  const args = ["inspect", "-", "--shape", "harmony", "--analysis", "upstream"];
  const shown = (await run(args, { input: lines(TURNS) })).stdout.toString();
  expect(shown).toContain(
    "\n1  analysis left out by --analysis upstream: --analysis keep keeps it\n2  assistant on final",
  );
  expect(shown).toContain("2 + 2? 🦄🇩🇪<|end|>");
  expect(shown).toContain("4 👨‍👩‍👧<|end|>");
  const cut = ["--max-length", "30", "--truncation", "drop-oldest-turns", "--analysis", "keep"];
  const shortened = (await run([...args, ...cut], { input: lines(TURNS) })).stdout.toString();
  expect(shortened).toMatch(/^0 {2}left out by --truncation drop-oldest-turns\n/);
});

const BAD = lines(
  ...["x", "y"].map((role) => ({ messages: [user("a"), { role, content: "" }] })),
  TURN,
).concat("{\n");

it("render sums up the rejected rows by code and path", async () => {
  writeFileSync(file("bad.jsonl"), BAD);
  const args = ["render", file("bad.jsonl"), "-o", file("bad.parquet"), "--quiet"];
  const flags = ["--shape", "harmony", "--analysis", "keep"];
  const { code, stderr } = await run([...args, ...flags]);
  expect([code, stderr]).toEqual([
    3,
    [
      `harmony render: 3 rows were rejected; they are in ${file("bad.parquet")}.rejected.jsonl`,
      "  2 × unknown_role at messages[].role",
      "  1 × invalid_json",
      "",
    ].join("\n"),
  ]);
});

it("per-turn rejects a conversation without an assistant, and truncation drops one", async () => {
  const input = lines([user("a")], TURN);
  const flags = ["--analysis", "per-turn", "--max-length", "5", "--truncation", "drop-sample"];
  const { code, stderr } = await run([...STDOUT, ...flags], { input });
  const [rejected = "", ...rest] = stderr
    .split("\n")
    .filter((line) => !line.startsWith('{"seconds'));
  expect([code, JSON.parse(rejected)]).toMatchObject([
    3,
    { row: 0, code: "empty_conversation", path: "messages" },
  ]);
  expect(rest.join("\n")).toContain("1 dropped by truncation");
});

const QUIZ = [user("Q1"), thought("T1"), answer("A1")];
const LONG_QUIZ = [...QUIZ, user(`Q2 ${"long ".repeat(40)}`), thought("T2"), answer("A2")];

it.each([
  [
    "another turn than that of the sample",
    LONG_QUIZ,
    ["--analysis", "per-turn", "--max-length", "40", "--truncation", "drop-last-messages"],
    [
      "<|channel|>analysis<|message|>T1<|end|><|start|>assistant<|channel|>final<|message|>A1<|return|>",
    ],
  ],
  [
    "a sample without an id to learn",
    QUIZ,
    // The analysis ends with the 13th id, and the next message begins there.
    ["--analysis", "keep", "--max-length", "13", "--truncation", "cut", "--no-analysis-loss"],
    [],
  ],
])("truncation never trains on %s", async (_, messages, flags, expected) => {
  const args = ["render", "-", "-o", "-", "--shape", "harmony", "--columns", "input_ids,loss_mask"];
  const { stdout, stderr } = await run([...args, ...flags], { input: lines(messages) });
  const rows = stdout
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const learnt = rows.map(({ input_ids, loss_mask }: Record<string, number[]>) =>
    loadHarmonyEncodingSync().decodeUtf8(
      (input_ids ?? []).filter((_, at) => loss_mask?.[at] === 1),
    ),
  );
  expect(learnt).toEqual(expected);
  expect(stderr.includes("1 dropped by truncation")).toBe(expected.length === 0);
});

it("render stops after --max-rejected rows, and resumes with a higher limit", async () => {
  writeFileSync(file("many.jsonl"), BAD.repeat(800));
  const args = ["render", file("many.jsonl"), "-o", file("many.jsonl.out.jsonl"), "--quiet"];
  const flags = ["--shape", "harmony", "--analysis", "keep", "--workers", "2"];
  const stopped = await run([...args, ...flags, "--max-rejected", "700"]);
  expect([stopped.code, stopped.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^harmony render: stopped: 768 rows rejected, more than --max-rejected 700;/,
    ),
  ]);
  expect(existsSync(file("many.jsonl.out.jsonl"))).toBe(false);
  const again = await run([...args, ...flags, "--resume", "--max-rejected", "2400"]);
  expect([again.code, again.stderr]).toEqual([
    3,
    expect.stringContaining("2400 rows were rejected"),
  ]);
  expect(again.stderr).toContain("  1600 × unknown_role at messages[].role\n  800 × invalid_json");
  const rejected = readFileSync(file("many.jsonl.out.jsonl.rejected.jsonl"), "utf8");
  expect(rejected.split("\n").length).toBe(2401);
});

it("stats puts outliers into one last bin", async () => {
  const lengths = [...Array.from({ length: 500 }, (_, row) => 100 + (row % 50)), 90_000];
  const input = lengths.map((length) => `${JSON.stringify(Array(length).fill(1))}\n`).join("");
  const { stdout } = await run(["stats", "--json"], { input });
  const { histogram } = JSON.parse(stdout.toString());
  expect(histogram.length).toBeGreaterThan(10);
  expect(histogram.at(-1)).toMatchObject({ to: 90_000, samples: 1 });
  const samples = histogram.map((bin: { samples: number }) => bin.samples);
  expect(Math.max(...samples)).toBeLessThan(100);
  expect(samples.reduce((sum: number, each: number) => sum + each)).toBe(lengths.length);
});

it("decode reads the output of render", async () => {
  const flags = ["--columns", "input_ids", "--analysis", "keep", "--quiet", "--mask", "trl"];
  const input = lines(TURN);
  const expected =
    "<|start|>user<|message|>2 + 2? 🦄🇩🇪<|end|><|start|>assistant<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>4 👨‍👩‍👧<|return|>\n";
  const piped = await run(["render", "-", "-o", "-", "--shape", "harmony", ...flags], { input });
  expect((await run(["decode"], { input: piped.stdout })).stdout.toString()).toBe(expected);
  for (const output of ["d.parquet", "d.arrow", "d.jsonl"]) {
    const args = ["render", "-", "-o", file(output), "--shape", "harmony", ...flags];
    expect((await run(args, { input })).code).toBe(0);
    expect((await run(["decode", file(output)])).stdout.toString()).toBe(expected);
  }
  const other = await run(["decode", "--column", "ids"], {
    input: '{"ids":[17]}\n{"input_ids":[]}\n',
  });
  expect([other.code, other.stdout.toString(), other.stderr]).toEqual([
    1,
    "",
    'harmony decode: stdin, line 2: no list of ids in "ids"; the fields are input_ids\n',
  ]);
});

it("packed rows have the lengths of their samples", async () => {
  const args = ["render", "-", "-o", "-", "--shape", "harmony", "--analysis", "keep", "--quiet"];
  const pack = async (...flags: string[]) => {
    const ended = await run([...args, "--pack", "128", ...flags], { input: lines(TURN, TURNS) });
    return JSON.parse(ended.stdout.toString());
  };
  const row = await pack();
  expect(row.seq_start_id).toEqual([0, row.seq_lengths[0]]);
  // The positions that TRL's padding-free collator computes.
  const positions = row.seq_lengths.flatMap((length: number) => [...Array(length).keys()]);
  expect(positions).toEqual(row.position_ids);
  const padded = await pack("--pad", "<|endoftext|>");
  expect(padded.seq_lengths).toEqual([...row.seq_lengths, 128 - row.n_tokens]);
  const input = JSON.stringify(padded);
  const counted = await run(["count"], { input });
  expect(JSON.parse(counted.stdout.toString()).ids).toBe(row.n_tokens);
  const found = await run(["stats", "--json"], { input });
  expect(JSON.parse(found.stdout.toString())).toMatchObject({
    ids: row.n_tokens,
    quantiles: { p100: row.n_tokens },
  });
});
