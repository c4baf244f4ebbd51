/** Many small files: few row groups, and the bytes of a run do not depend on workers or kills. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parquetMetadata } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../src/shards/manifest.ts";
import { hashesIn, killsUntilDone, manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const FILES = 400;
const BAD = { file: 211, row: 1 };
const sizeOf = (at: number) => 1 + ((at * 7) % 13);
const starts = Array.from({ length: FILES }, (_, at) => at).map((at) =>
  Array.from({ length: at }, (_, before) => sizeOf(before)).reduce((sum, size) => sum + size, 0),
);
const ROWS = (starts.at(-1) ?? 0) + sizeOf(FILES - 1);
const rows = manyRows(ROWS).with((starts[BAD.file] ?? 0) + BAD.row, "{");
const nameOf = (at: number) =>
  `data/${String(at).padStart(4, "0")}.jsonl${at % 5 === 0 ? ".gz" : ""}`;

const flags = ["--quiet", "--analysis", "keep"];
const COLUMNS = ["--columns", "input_ids,source_file,source_row"];
const render = (output: string, ...more: string[]) =>
  ["render", file("data"), "-o", file(output), ...flags, ...more] as const;

beforeAll(async () => {
  mkdirSync(file("data"));
  for (const [at, start] of starts.entries()) {
    const text = rows.slice(start, start + sizeOf(at)).join("\n");
    writeFileSync(file(nameOf(at)), nameOf(at).endsWith(".gz") ? gzipSync(text) : text);
  }
  writeFileSync(file("one.jsonl"), rows.join("\n"));
});

function groupsOf(path: string): number[] {
  const bytes = new Uint8Array(readFileSync(file(path)));
  return parquetMetadata(bytes.buffer).row_groups.map(({ num_rows }) => Number(num_rows));
}

it("have row groups of the size of a batch, and the ids that one file gives", async () => {
  expect((await run(render("many.parquet", ...COLUMNS))).code).toBe(3);
  const groups = groupsOf("many.parquet");
  expect(groups.length).toBe(Math.ceil(ROWS / 1024));
  expect(groups.reduce((sum, count) => sum + count, 0)).toBe(ROWS - 1);
  const ids = ["-o", "-", ...flags, "--columns", "input_ids"];
  const [many, one] = await Promise.all(
    ["data", "one.jsonl"].map((input) => run(["render", file(input), ...ids])),
  );
  expect(many?.stdout.length).toBeGreaterThan(0);
  expect(one && many?.stdout.equals(one.stdout)).toBe(true);
});

it("have the name and the number of each row, also of a rejected one", async () => {
  expect((await run(render("named.jsonl", ...COLUMNS))).code).toBe(3);
  const lines = readFileSync(file("named.jsonl"), "utf8").trimEnd().split("\n");
  const places = lines.map((line) => {
    const { source_file, source_row }: Record<string, unknown> = JSON.parse(line);
    return `${source_file} ${source_row}`;
  });
  const expected = starts.flatMap((_, at) =>
    Array.from({ length: sizeOf(at) }, (_, row) => `${file(nameOf(at))} ${row}`),
  );
  const bad = `${file(nameOf(BAD.file))} ${BAD.row}`;
  expect(places).toEqual(expected.filter((place) => place !== bad));
  const rejected = JSON.parse(readFileSync(file("named.jsonl.rejected.jsonl"), "utf8"));
  expect(rejected).toMatchObject({ file: file(nameOf(BAD.file)), row: BAD.row, line: "{" });
});

it("are counted and measured as one file is, with any number of workers", async () => {
  const analysis = ["--analysis", "keep"];
  for (const command of [["count"], ["stats", "--json"]]) {
    const [one, ...others] = await Promise.all([
      run([...command, file("one.jsonl"), ...analysis]),
      ...["1", "3"].map((workers) =>
        run([...command, file("data"), ...analysis, "--workers", workers]),
      ),
    ]);
    for (const { code, stdout, stderr } of others) {
      expect([code, stdout]).toEqual([one?.code, one?.stdout]);
      expect(stderr).toContain(`first ${file(nameOf(BAD.file))}, row ${BAD.row}: `);
    }
  }
  const each = await run(["count", "--each", file("data"), ...analysis, "--workers", "3"]);
  const lines = each.stdout.toString().trimEnd().split("\n");
  const places = lines.map((line) => JSON.parse(line)).map((line) => [line.file, line.row]);
  expect(places).toEqual(
    starts.flatMap((_, at) =>
      Array.from({ length: sizeOf(at) }, (_, row) => [file(nameOf(at)), row]),
    ),
  );
});

describe.each([
  ["plain", []],
  ["split", ["--split", "validation=20%", "--dedupe"]],
  ["packed", ["--pack", "2048"]],
  ["shuffled", ["--shuffle", "7"]],
])("a run that is %s", (name, more) => {
  const into = (output: string, workers: string) =>
    render(`${output}/`, "--shard-size", "1000rows", ...more, "--workers", workers);

  beforeAll(async () => {
    expect((await run(into(`whole-${name}`, "1"))).code).toBe(3);
  });

  it("has the same bytes with three workers", async () => {
    expect((await run(into(`workers-${name}`, "3"))).code).toBe(3);
    expect(hashesIn(file(`workers-${name}`))).toEqual(hashesIn(file(`whole-${name}`)));
  });

  it("resumes to the same bytes", async () => {
    expect(await killsUntilDone(into(`killed-${name}`, "2"), "write", 5)).toBeGreaterThan(1);
    expect(hashesIn(file(`killed-${name}`))).toEqual(hashesIn(file(`whole-${name}`)));
  });
});

it.each([
  ["of whole files", []],
  ["of the batches of files that are unequal", ["one.jsonl"]],
])("fill the parts of shares %s, and are counted one by one", async (_, others) => {
  const counted = new Map<string, number>();
  const folder = `shared-${others.length}`;
  for (const share of ["1/3", "2/3", "3/3"]) {
    const inputs = others.map(file);
    const { code } = await run([
      ...render(`${folder}/`, "--shard", share, "--shard-size", "500rows"),
      ...inputs,
    ]);
    expect([0, 3]).toContain(code);
    const name = `${folder}/manifest-${share.replace("/", "of")}.json`;
    const manifest: Manifest = JSON.parse(readFileSync(file(name), "utf8"));
    for (const { path } of manifest.parts) expect(groupsOf(`${folder}/${path}`)).toHaveLength(1);
    for (const { path, conversations } of manifest.inputs) {
      counted.set(path, (counted.get(path) ?? 0) + conversations);
    }
  }
  const expected = starts.map((_, at) => [file(nameOf(at)), sizeOf(at)] as const);
  expect(counted).toEqual(
    new Map([...expected, ...others.map((each) => [file(each), ROWS] as const)]),
  );
});
