/** `--shuffle`: every row once, or as often as its weight says, in an order that only the seed decides. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { beforeAll, expect, it } from "vitest";
import { killsUntilDone, manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(1800).map((row, at) => row.replace("{", `{"id":"r${at}",`));
const usual = ["--columns", "input_ids,source_file,source_row", "--quiet", "--analysis", "keep"];

beforeAll(() => {
  mkdirSync(file("data"));
  writeFileSync(file("data/a.jsonl"), rows.slice(0, 800).with(5, "{").join("\n"));
  writeFileSync(file("data/b.jsonl.zst"), zstdCompressSync(rows.slice(800, 1400).join("\n")));
  const ids = rows.slice(1400).map((_, at) => `r${1400 + at}`);
  const table = tableFromArrays({ conversation: rows.slice(1400), id: ids });
  const parquet = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));
  writeFileSync(file("data/c.parquet"), parquet);
});

interface Row {
  input_ids: number[];
  source_file: string;
  source_row: number;
}

async function rendered(...flags: string[]): Promise<string[]> {
  const args = ["render", file("data"), "-o", "-", ...usual, ...flags];
  const { stdout, stderr, code } = await run(args);
  expect([code, stderr]).toEqual([3, expect.stringContaining("1 row was rejected")]);
  return stdout.toString().split("\n").slice(0, -1);
}

it("has the rows of the input, in another order, which depends on the seed alone", async () => {
  const plain = await rendered();
  const [one, again, other] = [
    await rendered("--shuffle", "7", "--workers", "1"),
    await rendered("--shuffle", "7", "--workers", "3"),
    await rendered("--shuffle", "8"),
  ];
  expect(one.toSorted()).toEqual(plain.toSorted());
  expect(other.toSorted()).toEqual(plain.toSorted());
  expect(one).toEqual(again);
  expect(one).not.toEqual(plain);
  expect(one).not.toEqual(other);
  const places = one.map((line) => plain.indexOf(line));
  const isNext = (at: number) => places[at + 1] === (places[at] ?? 0) + 1;
  expect(places.filter((_, at) => isNext(at)).length).toBeLessThan(10);
  const [first, second] = [places.slice(0, 900), places.slice(900)].map(
    (half) => half.reduce((sum, place) => sum + place, 0) / half.length,
  );
  expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThan(150); // Two standard deviations are 49.
});

it("carries fields, and keeps the rejected row", async () => {
  const args = ["render", file("data"), "-o", file("out/"), "--carry", "id", "--shuffle", "x"];
  const { code } = await run([...args, "--format", "jsonl", ...usual]);
  expect(code).toBe(3);
  const lines = readFileSync(file("out/part-00000.jsonl"), "utf8").trim().split("\n");
  const ids = lines.map((line): string => JSON.parse(line).id);
  expect(ids.toSorted()).toEqual(
    rows
      .map((_, at) => `r${at}`)
      .toSpliced(5, 1)
      .toSorted(),
  );
  const rejected = readFileSync(file("out/rejected/part-00000.jsonl"), "utf8");
  expect(JSON.parse(rejected)).toMatchObject({ file: file("data/a.jsonl"), row: 5, line: "{" });
  const manifest = JSON.parse(readFileSync(file("out/manifest.json"), "utf8"));
  const given = manifest.inputs.map((each: { conversations: number }) => each.conversations);
  expect(given).toEqual([800, 600, 400]);
  expect(readdirSync(file("out")).filter((name) => name.startsWith("."))).toEqual([]);
});

it("is recorded, so that verify does not compare rows in the order of the source", async () => {
  const output = file("recorded.parquet");
  await run(["render", file("data"), "-o", output, "--shuffle", "7", ...usual]);
  const whole = await run(["verify", output]);
  expect([whole.code, JSON.parse(whole.stdout.toString())]).toMatchObject([0, { findings: 0 }]);
  const { code, stderr } = await run(["verify", output, "--source", file("data/a.jsonl")]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("was made with --shuffle")]);
});

it("repeats rows by weight: the whole part of it always, the rest by chance", async () => {
  const weights = [`${file("data/b*")}=2.5`, `${file("data/c.parquet")}=0.25`];
  const lines = await rendered("--shuffle", "7", ...weights.flatMap((each) => ["--weight", each]));
  const counts = new Map<string, number>();
  for (const { source_file, source_row } of lines.map((line): Row => JSON.parse(line))) {
    const row = `${source_file} ${source_row}`;
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  const of = (name: string) =>
    [...counts].filter(([row]) => row.startsWith(file(`data/${name}`))).map(([, count]) => count);
  expect([of("a").length, new Set(of("a"))]).toEqual([799, new Set([1])]);
  expect([of("b").length, new Set(of("b"))]).toEqual([600, new Set([2, 3])]);
  const third = of("b").filter((count) => count === 3).length;
  expect(Math.abs(third - 300)).toBeLessThan(50); // Four standard deviations.
  expect(new Set(of("c"))).toEqual(new Set([1]));
  expect(Math.abs(of("c").length - 100)).toBeLessThan(35);
});

it.each([
  ["write", 3, 4],
  ["rename", 1, 3],
  ["rm", 2, 2],
] as const)("a run that is killed in a %s resumes to the same bytes", async (...moment) => {
  const [operation, step, leastKills] = moment;
  const args = (output: string) => [
    ...["render", file("data"), "-o", file(output), "--shuffle", "7", "--quiet"],
    ...["--shard-size", "500rows", "--workers", "2", "--analysis", "keep"],
  ];
  const whole = `whole-${operation}/`;
  expect((await run(args(whole))).code).toBe(3);
  const output = `killed-${operation}/`;
  const kills = await killsUntilDone(args(output), operation, step);
  expect(kills).toBeGreaterThanOrEqual(leastKills);
  const names = readdirSync(file(whole));
  expect(readdirSync(file(output))).toEqual(names);
  for (const name of names.filter((each) => each !== "rejected")) {
    const [one, other] = [whole, output].map((folder) => readFileSync(file(`${folder}${name}`)));
    expect([name, one && other?.equals(one)]).toEqual([name, true]);
  }
});

it.each([
  [["--weight", "x=2"], "--weight requires --shuffle"],
  [["--shuffle", "1", "--weight", "x"], "Expected inputs and a number above 0"],
  [["--shuffle", "1", "--weight", "x=0"], "Expected inputs and a number above 0"],
  [["--shuffle", "1", "--weight", "nothing*=2"], "nothing*: no file matches"],
])("refuses %j", async (flags, message) => {
  const { code, stderr } = await run(["render", file("data"), "-o", file("no/"), ...flags]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(existsSync(file("no/manifest.json"))).toBe(false);
});

it("refuses a weight of a file that is not an input", async () => {
  writeFileSync(file("other.jsonl"), rows[0] ?? "");
  const flags = ["--shuffle", "1", "--weight", `${file("other.jsonl")}=2`];
  const { code, stderr } = await run(["render", file("data"), "-o", file("no/"), ...flags]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("other.jsonl is not an input")]);
});
