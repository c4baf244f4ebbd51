/**
 * `--dedupe` and `--split`: which rows are written, and where. The expected rows
 * are those of a run without them, selected by the test.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { endOf, killsUntilDone, manyRows, run, scratchFolder, startEndingAt } from "./support.ts";

const file = scratchFolder();
const ROWS = 4000;
/** Every second row is an earlier one again, and every 9th has the same group. */
const input = manyRows(ROWS).map((row, index, rows) => {
  const text = index % 2 === 0 ? row : (rows[(index * 31) % index] ?? row);
  return JSON.stringify({ group: `g${index % 9}`, ...JSON.parse(text) });
});
input[77] = "{";

interface Row {
  input_ids: number[];
  source_row: number;
  group: string;
}

const FLAGS = ["--columns", "input_ids,source_row", "--carry", "group", "--analysis", "keep"];

function render(output: string, ...flags: string[]) {
  return run(["render", file("in.jsonl"), "-o", file(output), "--quiet", ...FLAGS, ...flags]);
}

function rowsOf(output: string): Row[] {
  const lines = readFileSync(file(output), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

const byRow = (rows: readonly Row[]) =>
  rows.toSorted((one, other) => one.source_row - other.source_row);
const idsOf = ({ input_ids }: Row) => input_ids.join();

function firstOnes(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(idsOf(row)) && seen.add(idsOf(row)));
}

let whole: Row[] = [];
let first: Row[] = [];

beforeAll(async () => {
  writeFileSync(file("in.jsonl"), `${input.join("\n")}\n`);
  expect((await render("whole.jsonl")).code).toBe(3);
  whole = rowsOf("whole.jsonl");
  first = firstOnes(whole);
  expect(first.length).toBeLessThan(whole.length * 0.7);
});

describe("--dedupe", () => {
  it.each(["1", "2", "3"])("keeps the first row with its ids, with %s workers", async (workers) => {
    const output = `first${workers}.jsonl`;
    const args = ["render", file("in.jsonl"), "-o", file(output), ...FLAGS, "--dedupe"];
    const { stderr } = await run([...args, "--workers", workers]);
    expect(rowsOf(output)).toEqual(first);
    expect(stderr).toContain(`; ${whole.length - first.length} duplicates left out\n`);
  });

  it("looks at every sample of a conversation, before packing", async () => {
    const turn = (content: string) => [
      { role: "user", content },
      { role: "assistant", channel: "final", content: "yes" },
    ];
    const messages = [[...turn("a"), ...turn("b")], turn("a"), [...turn("a"), ...turn("c")]];
    const rows = messages.map((each) => JSON.stringify({ messages: each })).join("\n");
    const flags = [
      "-o",
      "-",
      "--quiet",
      "--shape",
      "harmony",
      "--analysis",
      "per-turn",
      "--dedupe",
    ];
    const one = await run(["render", "-", ...flags, "--columns", "source_row"], { input: rows });
    const sources = one.stdout.toString().trim().split("\n");
    expect(sources.map((line) => JSON.parse(line).source_row)).toEqual([0, 0, 2]);
    const packed = await run(["render", "-", ...flags, "--pack", "256"], { input: rows });
    expect(JSON.parse(packed.stdout.toString()).source_rows).toEqual([0, 0, 2]);
  });

  it("stops when its memory is full, and continues with more", async () => {
    const stopped = await render("full.jsonl", "--dedupe", "--dedupe-memory", "66KB");
    expect([stopped.code, stopped.stderr]).toEqual([
      1,
      expect.stringMatching(/^harmony render: --dedupe: the digests of \d+ rows fill 0.066 MB; /),
    ]);
    const more = ["--dedupe", "--dedupe-memory", "150KB", "--resume"];
    expect((await render("full.jsonl", ...more)).code).toBe(3);
    expect(rowsOf("full.jsonl")).toEqual(first);
    const { code, stderr } = await render("usage.jsonl", "--dedupe-memory", "1MB");
    expect([code, stderr]).toEqual([2, expect.stringContaining("requires --dedupe")]);
  });
});

/** The split of each key, by the rule that the page gives. */
function placeOf(seed: string, key: string): number {
  const digest = createHash("sha256")
    .update(`${JSON.stringify(seed)} ${key}`)
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

function digestOf({ input_ids }: Row): string {
  const bytes = Uint8Array.from(new Uint8Array(Uint32Array.from(input_ids).buffer));
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

describe("--split", () => {
  it("puts rows into a file by the hash of their ids, so duplicates are together", async () => {
    const flags = ["--split", "validation=10%", "--split", "test=0.05", "--workers", "2"];
    expect((await render("s.jsonl", ...flags)).code).toBe(3);
    const expected = (from: number, to: number) =>
      whole.filter((row) => {
        const place = placeOf("", digestOf(row));
        return from <= place && place < to;
      });
    expect(rowsOf("s.validation.jsonl")).toEqual(expected(0, 0.1));
    expect(rowsOf("s.test.jsonl")).toEqual(expected(0.1, 0.15));
    expect(rowsOf("s.jsonl")).toEqual(expected(0.15, 1));
    const meta = JSON.parse(readFileSync(file("s.test.jsonl.meta.json"), "utf8"));
    expect(JSON.parse(meta["harmony.options"]).split.shares).toHaveLength(2);
  });

  it("keeps the rows of a group together, and draws others by seed", async () => {
    const names = [];
    for (const seed of ["1", "2"]) {
      const output = `g${seed}.jsonl`;
      const flags = ["--split", "validation=50%", "--split-by", "group", "--split-seed", seed];
      await render(output, ...flags);
      const groups = new Set(rowsOf(`g${seed}.validation.jsonl`).map(({ group }) => group));
      const all = Array.from({ length: 9 }, (_, index) => `g${index}`);
      expect([...groups].sort()).toEqual(all.filter((group) => placeOf(seed, `"${group}"`) < 0.5));
      expect(rowsOf(output).some(({ group }) => groups.has(group))).toBe(false);
      names.push([...groups].sort().join());
    }
    expect(names[0]).not.toBe(names[1]);
  });

  it("splits rows without the field by their ids, and reports a field that no row has", async () => {
    const flags = ["--split", "validation=10%", "--split-by", "grupo"];
    const { stderr } = await render("typo.jsonl", ...flags);
    expect(stderr).toContain("harmony render: --split-by: no conversation has the field grupo\n");
    expect(rowsOf("typo.validation.jsonl")).toEqual(
      whole.filter((row) => placeOf("", digestOf(row)) < 0.1),
    );
  });
});

describe("--split", () => {
  it("makes a folder of each split, with --dedupe and packs", async () => {
    const flags = [
      "--split",
      "validation=5%",
      "--dedupe",
      "--format",
      "jsonl",
      "--shard-size",
      "200KB",
    ];
    const ended = await render("out/", ...flags);
    expect(ended.code).toBe(3);
    const names = (split: string) =>
      readdirSync(file(`out/${split}`)).filter((name) => name.endsWith(".jsonl"));
    expect(names("train").length).toBeGreaterThan(2);
    expect(names("validation")).toEqual(names("train"));
    const rows = (split: string) => names(split).flatMap((name) => rowsOf(`out/${split}/${name}`));
    expect(byRow([...rows("train"), ...rows("validation")])).toEqual(first);
    expect(rows("validation")).toEqual(first.filter((row) => placeOf("", digestOf(row)) < 0.05));
    const { totals } = JSON.parse(readFileSync(file("out/manifest.json"), "utf8"));
    expect(totals.splits.validation.rows).toBe(rows("validation").length);
    expect(totals.duplicates).toBe(whole.length - first.length);
    const verified = await run(["verify", file("out")]);
    expect([verified.code, JSON.parse(verified.stdout.toString())]).toMatchObject([
      0,
      { rows: first.length, findings: 0 },
    ]);
    writeFileSync(file("out/validation/part-00099.jsonl"), "");
    const strange = await run(["verify", file("out")]);
    expect([strange.code, strange.stdout.toString()]).toEqual([
      4,
      expect.stringContaining('"validation/part-00099.jsonl"'),
    ]);
    rmSync(file("out/validation/part-00099.jsonl"));
    const again = await render("out/", "--overwrite", "--shard-size", "10MB");
    expect([again.code, existsSync(file("out/train/part-00000.jsonl"))]).toEqual([3, false]);
  });

  it.each([
    ["stdout", ["-o", "-", "--split", "v=1%"], "--split: stdout holds one file"],
    ["no share", ["-o", "x.jsonl", "--split", "v"], "--split: expected a name and a share"],
    [
      "no split",
      ["-o", "x.jsonl", "--split-by", "id"],
      "--split-by and --split-seed require --split",
    ],
  ])("%s is a usage error", async (_, flags, message) => {
    const { code, stderr } = await run(["render", file("in.jsonl"), ...flags]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe.each([
  ["a file", "killed.parquet", ["killed.parquet", "killed.validation.parquet"]],
  [
    "a folder",
    "killed/",
    ["killed/train/part-00001.parquet", "killed/validation/part-00000.parquet"],
  ],
])("a run into %s that is killed again and again", (_, output, written) => {
  it("resumes to the same bytes and the same report", async () => {
    const reportOf = (out: string) => `${out.replace(/\W/, "-")}.json`;
    const args = (out: string) => [
      ...["render", file("in.jsonl"), "-o", file(out), "--quiet", "--workers", "2", "--dedupe"],
      ...["--split", "validation=5%", "--report", file(reportOf(out))],
      ...(out.endsWith("/") ? ["--shard-size", "150KB"] : []),
    ];
    const unstopped = output.replace("killed", "unstopped");
    expect((await run(args(unstopped))).code).toBe(3);
    expect(await killsUntilDone(args(output), "write", 3)).toBeGreaterThan(2);
    for (const each of [...written, reportOf(output)]) {
      const text = readFileSync(file(each), "latin1").replaceAll(file("killed"), file("unstopped"));
      const expected = readFileSync(file(each.replace("killed", "unstopped")), "latin1");
      expect([each, text === expected]).toEqual([each, true]);
    }
    expect(readdirSync(file(".")).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});

it("verify compares the rows of a selection with their conversations, and finds a wrong one", async () => {
  const flags = ["--columns", "input_ids,loss_mask,source_row,n_tokens", "--analysis", "keep"];
  const args = ["render", file("in.jsonl"), "-o", file("v.jsonl"), "--quiet", ...flags];
  await run([...args, "--dedupe", "--split", "test=20%"]);
  for (const name of ["v.jsonl", "v.test.jsonl"]) {
    const { code, stdout } = await run(["verify", file(name), "--source", file("in.jsonl")]);
    expect([code, JSON.parse(stdout.toString()).findings]).toEqual([0, 0]);
  }
  const lines = readFileSync(file("v.test.jsonl"), "utf8").split("\n");
  lines[3] = lines[4] ?? "";
  writeFileSync(file("v.test.jsonl"), lines.join("\n"));
  const wrong = await run(["verify", file("v.test.jsonl"), "--source", file("in.jsonl")]);
  expect([wrong.code, wrong.stdout.toString()]).toEqual([4, expect.stringContaining('"source"')]);
});

it("does not resume when the record of the rows is missing", async () => {
  const args = [
    "render",
    file("in.jsonl"),
    "-o",
    file("torn.jsonl"),
    "--quiet",
    "--dedupe",
    "--workers",
    "2",
  ];
  await endOf(startEndingAt("write 9 SIGKILL", args));
  writeFileSync(file("torn.jsonl.partial/ledger.jsonl"), '{"posi');
  const { code, stderr } = await run([...args, "--resume"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("lacks a part of the stopped run")]);
});
