/** Batches that leave few rows share row groups, whatever ends a run and however many workers it has. */

import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type RecordBatch, RecordBatchReader, tableFromIPC } from "apache-arrow";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../src/shards/manifest.ts";
import { hashesIn, killsUntilDone, manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
/** Of a batch of small rows. */
const BATCH = 1024;
const ROWS = 12 * BATCH;
/** Rows of which a batch leaves less than half, and one that leaves all. */
const FULL_BATCH = 5;
const isKept = (row: number) => row % 100 === 7 || Math.floor(row / BATCH) === FULL_BATCH;
const rows = manyRows(ROWS).with(700, "{");
const duplicated = rows.map((row, at) => (isKept(at) || at === 700 ? row : (rows[0] ?? "")));
const rejected = rows.map((row, at) => (isKept(at) ? row : "{"));

const SPLITS = ["--split", "validation=1%", "--split", "test=5%"];
/** Of which a batch has about 200 rows each, so that row groups are whole before the end. */
const FOLDS = ["a", "b", "c", "d"].flatMap((fold) => ["--split", `${fold}=20%`]);
const render = (input: string, output: string, ...more: string[]) => [
  ...["render", file(input), "-o", file(output), "--quiet", "--analysis", "keep"],
  ...["--columns", "input_ids,source_row,spans", ...more],
];

beforeAll(() => {
  for (const [name, lines] of Object.entries({ rows, duplicated, rejected })) {
    writeFileSync(file(`${name}.jsonl`), lines.map((line) => `${line}\n`).join(""));
  }
});

const bytesOf = (path: string) => new Uint8Array(readFileSync(file(path))).buffer;

function groupsOf(path: string): number[] {
  return parquetMetadata(bytesOf(path)).row_groups.map(({ num_rows }) => Number(num_rows));
}

async function parquetRows(path: string) {
  const found = await parquetReadObjects({ file: bytesOf(path), compressors });
  return found.map(contentOf);
}

/** What a row has in every format. */
function contentOf({ input_ids, source_row, spans }: Record<string, unknown>) {
  const places = Array.from(spans as Iterable<Record<string, unknown>>, (span) => {
    return [span.message, span.role, span.channel ?? null, span.start, span.end];
  });
  return { input_ids: Array.from(input_ids as Iterable<number>), row: Number(source_row), places };
}

const jsonLines = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => contentOf(JSON.parse(line)));

/** The row groups that batches of these sizes make, if a few wait until they are a batch or a whole one comes. */
function expectedGroups(sizes: readonly number[]): number[] {
  const groups: number[] = [];
  let waiting = 0;
  for (const size of sizes) {
    const isWhole = size >= BATCH / 2;
    if (!isWhole) waiting += size;
    if (waiting > 0 && (isWhole || waiting >= BATCH)) groups.push(waiting);
    if (isWhole || waiting >= BATCH) waiting = 0;
    if (isWhole) groups.push(size);
  }
  return waiting > 0 ? [...groups, waiting] : groups;
}

const sizesOf = (given: readonly boolean[]) =>
  Array.from(
    { length: ROWS / BATCH },
    (_, batch) => given.slice(batch * BATCH, (batch + 1) * BATCH).filter(Boolean).length,
  );

describe("in Parquet, of the rows that JSON lines have", () => {
  it.each([
    ["small splits", SPLITS, ["", "validation.", "test."], [12, 1, 1]],
    ["folds", FOLDS, ["", "a.", "b.", "c.", "d."], [2, 2, 3, 3, 3]],
  ])("of %s", async (name, flags, splits, counts) => {
    const output = name.replace(" ", "-");
    for (const extension of ["jsonl", "parquet"]) {
      expect((await run(render("rows.jsonl", `${output}.${extension}`, ...flags))).code).toBe(3);
    }
    for (const split of splits) {
      const lines = jsonLines(readFileSync(file(`${output}.${split}jsonl`), "utf8"));
      expect(await parquetRows(`${output}.${split}parquet`)).toEqual(lines);
      const isIn = new Set(lines.map(({ row }) => row));
      const sizes = sizesOf(rows.map((_, row) => isIn.has(row)));
      expect(Math.min(...sizes)).toBeGreaterThan(0);
      expect(groupsOf(`${output}.${split}parquet`)).toEqual(expectedGroups(sizes));
    }
    expect(splits.map((split) => groupsOf(`${output}.${split}parquet`).length)).toEqual(counts);
  });

  it.each([
    ["duplicates", "duplicated", ["--dedupe"], 0],
    ["rejected rows", "rejected", [], 3],
  ])("of what %s leave", async (_, name, flags, code) => {
    for (const extension of ["jsonl", "parquet"]) {
      const args = render(`${name}.jsonl`, `${name}-out.${extension}`, ...flags);
      expect((await run(args)).code).toBe(name === "duplicated" ? 3 : code);
    }
    const lines = jsonLines(readFileSync(file(`${name}-out.jsonl`), "utf8"));
    const kept = rows.map((_, row) => isKept(row) || (name === "duplicated" && row === 0));
    expect(lines).toHaveLength(kept.filter(Boolean).length);
    expect(await parquetRows(`${name}-out.parquet`)).toEqual(lines);
    const groups = groupsOf(`${name}-out.parquet`);
    expect(groups).toEqual(expectedGroups(sizesOf(kept)));
    expect(groups).toHaveLength(3);
  });
});

describe("of the rows that JSON lines have, from stdout", () => {
  const args = (format: string, ...more: string[]) => [
    ...["render", file("rejected.jsonl"), "-o", "-", "--quiet", "--analysis", "keep"],
    ...["--columns", "input_ids,source_row,spans", "--format", format, ...more],
  ];
  let lines: ReturnType<typeof jsonLines>;

  beforeAll(async () => {
    lines = jsonLines((await run(args("jsonl"))).stdout.toString());
    expect(lines.length).toBeGreaterThan(BATCH);
  });

  it("as record batches of Arrow", async () => {
    const { stdout } = await run(args("arrows"));
    expect(tableFromIPC(stdout).toArray().map(contentOf)).toEqual(lines);
    const batches: RecordBatch[] = [...RecordBatchReader.from(stdout)];
    expect(batches.map(({ numRows }) => numRows)).toEqual(
      expectedGroups(sizesOf(rows.map((_, row) => isKept(row)))),
    );
  });

  it("as frames of compressed JSON lines", async () => {
    const { stdout } = await run(args("jsonl", "--compression", "gzip"));
    expect(jsonLines(gunzipSync(stdout).toString())).toEqual(lines);
  });
});

describe.each([
  ["plain", []],
  ["packed", ["--columns", "input_ids,source_rows", "--pack", "512"]],
  ["shuffled", ["--shuffle", "7"]],
  ["deduplicated", ["--dedupe"]],
])("a run with splits that is %s", (name, more) => {
  const into = (output: string, size: string, workers: string) =>
    render(
      "rows.jsonl",
      `${output}/`,
      ...SPLITS,
      "--shard-size",
      size,
      "--workers",
      workers,
      ...more,
    );

  it.each(["300KB", "5000rows"])(
    "has parts of %s with the same bytes for three workers",
    async (size) => {
      const [one, three] = [`one-${name}-${size}`, `three-${name}-${size}`];
      expect((await run(into(one, size, "1"))).code).toBe(3);
      expect((await run(into(three, size, "3"))).code).toBe(3);
      expect(hashesIn(file(three))).toEqual(hashesIn(file(one)));
    },
  );

  it("resumes to the same bytes", async () => {
    const size = "300KB";
    expect(await killsUntilDone(into(`killed-${name}`, size, "2"), "write", 17)).toBeGreaterThan(2);
    expect(hashesIn(file(`killed-${name}`))).toEqual(hashesIn(file(`one-${name}-${size}`)));
  });
});

/** The bytes of a file's rows; its footer comes on top of the size of a part. */
function rowBytesOf(path: string): number {
  const bytes = bytesOf(path);
  return bytes.byteLength - parquetMetadata(bytes).metadata_length;
}

it("a part is as large as it may be, and has one row group of a small split", async () => {
  const folder = "one-plain-300KB";
  const manifest: Manifest = JSON.parse(readFileSync(file(`${folder}/manifest.json`), "utf8"));
  const parts = manifest.parts.map(({ path, files }) =>
    [path, ...files.map((other) => other.path)].map((each) => `${folder}/${each}`),
  );
  expect(parts.length).toBeGreaterThan(2);
  for (const [at, part] of parts.entries()) {
    const size = part.reduce((sum, path) => sum + rowBytesOf(path), 0);
    expect(size).toBeLessThan(300_000);
    if (at < parts.length - 1) expect(size).toBeGreaterThan(200_000);
    expect(part.slice(1).map((path) => groupsOf(path).length)).toEqual([1, 1]);
  }
});

it("resumes in any write", async () => {
  const args = (output: string) =>
    render("rows.jsonl", output, ...FOLDS, "--dedupe", "--workers", "2");
  expect((await run(args("whole.parquet"))).code).toBe(3);
  expect(await killsUntilDone(args("killed.parquet"), "write", 1)).toBeGreaterThan(10);
  for (const split of ["", "a.", "b.", "c.", "d."]) {
    const [killed, whole] = ["killed", "whole"].map((each) =>
      readFileSync(file(`${each}.${split}parquet`)),
    );
    expect(whole && killed?.equals(whole)).toBe(true);
  }
}, 300_000);
