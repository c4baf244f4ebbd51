/** The row groups of a Parquet file as batches for threads: its rows, their numbers and their errors. */

import { writeFileSync } from "node:fs";
import {
  Table as ArrowTable,
  Field,
  Int32,
  List,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Table, WriterPropertiesBuilder, writeParquet } from "parquet-wasm/node";
import { beforeAll, expect, it } from "vitest";
import { openRows } from "../src/check/id-samples.ts";
import { withWork } from "../src/check/work.ts";
import { BATCH_SIZE, type GivenBatch } from "../src/input/batch.ts";
import { idRowsIn } from "../src/input/id-rows.ts";
import { inputFile } from "../src/input/inputs.ts";
import { loaded } from "../src/input/row-groups.ts";
import { givenBatches, openFile } from "../src/input/source.ts";
import { START } from "../src/rows/position.ts";
import { recordedWorkers } from "./recorded-workers.ts";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const WRONG_ROW = 2300;
const rows = Array.from({ length: 2600 }, (_, row) => [200006, row, ...Array(row % 7).fill(24912)]);

beforeAll(() => {
  writeRows("groups.parquet", rows, 1100);
  writeRows("wrong.parquet", rows.with(WRONG_ROW, [1, -5]), 400);
  writeRows("large.parquet", Array(1200).fill(Array(2000).fill(24912)), 1200);
});

function writeRows(name: string, lists: readonly number[][], inGroup: number): void {
  const input_ids = vectorFromArray(lists, new List(new Field("item", new Int32(), true)));
  const table = new ArrowTable({ note: vectorFromArray(lists.map(String), new Utf8()), input_ids });
  const properties = new WriterPropertiesBuilder()
    .setMaxRowGroupSize(inGroup)
    .setDictionaryEnabled(false)
    .build();
  const bytes = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")), properties);
  writeFileSync(file(name), bytes);
}

async function given(name: string): Promise<GivenBatch[]> {
  const batches: GivenBatch[] = [];
  for await (const each of await givenBatches(await inputFile(file(name)), ["input_ids"]))
    batches.push(each);
  return batches;
}

const placesOf = (batches: readonly GivenBatch[]) =>
  batches.map(({ rows: { kind }, firstRow, length }) => [kind, firstRow, length]);

it("are named, with the numbers of their rows", async () => {
  expect(placesOf(await given("groups.parquet"))).toEqual([
    ["rowGroup", 0, 1100],
    ["rowGroup", 1100, 1100],
    ["rowGroup", 2200, 400],
  ]);
});

it("are read where they are large, so that no thread holds one whole", async () => {
  expect(placesOf(await given("large.parquet"))).toEqual([
    ["arrow", 0, 1024],
    ["arrow", 1024, 176],
  ]);
});

it("are read where the file is not on this machine", async () => {
  const local = await inputFile(file("groups.parquet"));
  const { given: named } = await openFile({ ...local, isLocal: false }, START, BATCH_SIZE);
  expect(named).toBeUndefined();
});

it("have the rows of the file, in batches of the usual size, with the wanted columns", async () => {
  const batches = [];
  for (const each of await given("groups.parquet")) {
    for await (const batch of loaded(each)) batches.push(batch);
  }
  expect(batches.map(({ length }) => length)).toEqual([1024, 76, 1024, 76, 400]);
  const source = { path: "groups.parquet", column: "input_ids" };
  const found = batches.flatMap((batch) => [...idRowsIn(batch, source)]);
  expect(found.map(({ row, ids }) => [row, ...ids])).toEqual(rows.map((ids, row) => [row, ...ids]));
  expect(Object.keys(Object.getPrototypeOf(found[0]?.fields))).toEqual(["input_ids"]);
});

it.each([
  [1, "arrow"],
  [2, "rowGroup"],
])("are read by %i worker(s) or beside them: %s", async (workers, kind) => {
  const { threads, tasks } = recordedWorkers(workers);
  const work = { kind: "readIds", options: "input_ids" } as const;
  const path = file("groups.parquet");
  const found: number[] = [];
  const batches = await givenBatches(await inputFile(path));
  for await (const done of threads.inOrder(withWork(work, path, batches))) {
    found.push(...done.rows);
  }
  expect(found).toEqual([...rows.keys()]);
  const kinds = tasks.flatMap(({ batches }) => batches.map((batch) => batch.rows.kind));
  expect(new Set(kinds)).toEqual(new Set([kind]));
});

it("are opened with the columns that a command reads, by the file that was listed", async () => {
  const listed = await inputFile(file("groups.parquet"));
  for (const columns of [["input_ids"], ["input_ids", "note"]]) {
    const { hasIds, first } = await openRows(listed, columns);
    const [row] = first ? idRowsIn(first, { path: "", column: "input_ids" }) : [];
    expect([hasIds, Object.keys(Object.getPrototypeOf(row?.fields)).toSorted()]).toEqual([
      true,
      columns,
    ]);
  }
  const text = Buffer.from('{"input_ids":[1]}\n');
  const read = async function* () {
    yield Uint8Array.from(text);
  };
  const inMemory = { ...listed, name: "nowhere.jsonl", size: text.length, read };
  expect(await openRows(inMemory, ["input_ids"])).toMatchObject({ hasIds: true });
});

it.each(["verify", "parse", "stats", "count"])(
  "stop %s at the row with an error, with any number of workers",
  async (command) => {
    const ended = ["1", "2", "3"].map((workers) =>
      run([command, file("wrong.parquet"), "--workers", workers]),
    );
    const [one, ...others] = await Promise.all(ended);
    for (const other of others) expect(other).toEqual(one);
    const place = `${file("wrong.parquet")}, row ${WRONG_ROW}`;
    const message = `harmony ${command}: ${place}: "input_ids[1]" expected a token id, got -5\n`;
    expect([one?.code, one?.stderr]).toEqual([1, message]);
  },
);

it("are skipped by inspect up to its row", async () => {
  const args = ["inspect", file("groups.parquet"), "--row", "2199", "--ids"];
  const { code, stdout } = await run(args);
  expect([code, stdout.toString()]).toEqual([
    0,
    expect.stringContaining((rows[2199] ?? []).join(" ")),
  ]);
  const beyond = await run(["inspect", file("groups.parquet"), "--row", "2600"]);
  expect(beyond.stderr).toContain("it has 2600 rows, from row 0");
});
