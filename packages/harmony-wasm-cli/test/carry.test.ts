/** `--carry`: fields of the input rows in the output, with every digit. */

import { readFileSync, writeFileSync } from "node:fs";
import {
  Table as ArrowTable,
  Binary,
  Field,
  FixedSizeList,
  Int32,
  Int64,
  Struct,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { Table, writeParquet } from "parquet-wasm/node";
import { expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const MESSAGES =
  '"messages":[{"role":"user","content":"a"},{"role":"assistant","channel":"final","content":"b"}]';
const ROWS = [
  `{"id":12345678901234567890,"source":"web","answer":{"n":1.0},${MESSAGES}}`,
  `{"id":"x\\n","source":null,${MESSAGES}}`,
  "{",
  `{${MESSAGES},"answer":[1e21,"ü"]}`,
];
const FLAGS = ["--shape", "harmony", "--columns", "source_row", "--quiet"];
/** The values as text; JSON for everything but strings. */
const TEXTS = [
  { id: "12345678901234567890", source: "web", answer: '{"n":1.0}', source_row: 0n },
  { id: "x\n", source: null, answer: null, source_row: 1n },
  { id: null, source: null, answer: '[1e21,"ü"]', source_row: 3n },
];

async function carried(output: string): Promise<Buffer> {
  writeFileSync(file("in.jsonl"), ROWS.join("\n"));
  const args = ["render", file("in.jsonl"), "-o", file(output), "--carry", "id,source,answer"];
  expect((await run([...args, ...FLAGS])).code).toBe(3);
  return readFileSync(file(output));
}

it("writes JSON lines with the values as they are", async () => {
  expect((await carried("out.jsonl")).toString().split("\n").slice(0, -1)).toEqual([
    '{"source_row":0,"id":12345678901234567890,"source":"web","answer":{"n":1.0}}',
    '{"source_row":1,"id":"x\\n","source":null,"answer":null}',
    '{"source_row":3,"id":null,"source":null,"answer":[1e21,"ü"]}',
  ]);
});

it("writes Parquet and Arrow with text columns", async () => {
  const { buffer, byteOffset, length } = await carried("out.parquet");
  const bytes = new Uint8Array(buffer, byteOffset, length).slice().buffer;
  expect(await parquetReadObjects({ file: bytes, compressors })).toEqual(TEXTS);
  const table = tableFromIPC(await carried("out.arrow"));
  expect(table.toArray().map((row) => row.toJSON())).toEqual(TEXTS);
});

it("carries the columns of Parquet beside a conversation of text", async () => {
  const table = new ArrowTable({
    conversation: vectorFromArray([`{${MESSAGES}}`], new Utf8()),
    id: vectorFromArray([9007199254740993n], new Int64()),
  });
  writeFileSync(file("in.parquet"), writeParquet(Table.fromIPCStream(tableToIPC(table, "stream"))));
  const args = ["render", file("in.parquet"), "-o", "-", "--carry", "id"];
  const { stdout } = await run([...args, ...FLAGS]);
  expect(stdout.toString()).toBe('{"source_row":0,"id":9007199254740993}\n');
});

it("carries bytes as base64, at any depth, and lists of a fixed size", async () => {
  const bytes = Uint8Array.of(0, 255, 34);
  const table = new ArrowTable({
    conversation: vectorFromArray([`{${MESSAGES}}`, `{${MESSAGES}}`], new Utf8()),
    digest: vectorFromArray([bytes, null], new Binary()),
    page: vectorFromArray(
      [{ scan: bytes }, { scan: Uint8Array.of() }],
      new Struct([new Field("scan", new Binary(), true)]),
    ),
    box: vectorFromArray(
      [
        [1, 2],
        [3, 4],
      ],
      new FixedSizeList(2, new Field("item", new Int32(), true)),
    ),
  });
  writeFileSync(file("in.parquet"), writeParquet(Table.fromIPCStream(tableToIPC(table, "stream"))));
  const args = ["render", file("in.parquet"), "-o", "-", "--carry", "digest,page,box"];
  const { code, stdout, stderr } = await run([...args, ...FLAGS]);
  const text = Buffer.from(bytes).toString("base64");
  expect([code, stderr, stdout.toString()]).toEqual([
    0,
    "",
    `{"source_row":0,"digest":"${text}","page":{"scan":"${text}"},"box":[1,2]}\n` +
      '{"source_row":1,"digest":null,"page":{"scan":""},"box":[3,4]}\n',
  ]);
});

it("reports a field that no conversation has", async () => {
  writeFileSync(file("in.jsonl"), ROWS[0] ?? "");
  const args = ["render", file("in.jsonl"), "-o", "-", "--carry", "id,di"];
  const { code, stderr } = await run([...args, ...FLAGS]);
  expect([code, stderr]).toEqual([
    0,
    "harmony render: --carry: no conversation has the field di\n",
  ]);
});

it.each([
  [["-o", "x.npy"], "--carry requires Parquet, Arrow or JSON lines, got npy"],
  [["-o", "x.parquet", "--pack", "64"], "--carry cannot be combined with --pack"],
  [["-o", "x.parquet", "--carry", "labels"], 'got "labels", a column'],
])("is refused with %j", async (flags, message) => {
  const { code, stderr } = await run(["render", "-", "--carry", "id", ...flags]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
