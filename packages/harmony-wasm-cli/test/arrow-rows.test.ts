/** Rows of Parquet and Arrow as JSON text: columns, numbers and bytes. */

import { writeFileSync } from "node:fs";
import {
  Table as ArrowTable,
  Binary,
  type DataType,
  Field,
  Float64,
  Int64,
  List,
  Map_,
  makeData,
  makeVector,
  Struct,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { describe, expect, it } from "vitest";
import { arrowRowText } from "../src/input/arrow-rows.ts";
import { manyRows, run, scratchFolder, usual } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(1);

it("keeps every member of a map, with its numbers and nulls", () => {
  const entry = new Struct<{ key: Utf8; value: Float64 }>([
    new Field("key", new Utf8(), false),
    new Field("value", new Float64(), true),
  ]);
  const type = new Map_(new Field("entries", entry, false));
  const members = [
    ["a", 1],
    ["b", 2],
    ["b", 2.5],
    ["c", null],
  ];
  const rows = members.map(([key, value]) => ({ key, value }));
  const [child] = vectorFromArray(rows, entry).data;
  if (!child) throw new Error("the vector has no data");
  const valueOffsets = Int32Array.of(0, 1, 4, 4);
  const map = makeVector(makeData({ type, length: 3, nullCount: 0, valueOffsets, child }));
  const [batch] = new ArrowTable({ map }).batches;
  if (!batch) throw new Error("the table has no batch");
  expect([0, 1, 2].map((index) => arrowRowText(batch, index).text)).toEqual([
    '{"map":{"a":1.0}}',
    '{"map":{"b":2.0,"b":2.5,"c":null}}',
    '{"map":{}}',
  ]);
});

it("reads the columns of Parquet as Chat Completions", async () => {
  const messages = [
    { role: "user", content: "\uFEFFhi" },
    { role: "assistant", content: "yo", thinking: "hm" },
  ];
  const text = (name: string) => new Field(name, new Utf8(), true);
  const message = new Struct([text("role"), text("content"), text("thinking")]);
  const type = new List(new Field("item", message, true));
  const columns = {
    messages: vectorFromArray([messages, messages], type),
    id: vectorFromArray([1n, 2n], new Int64()),
  };
  const table = Table.fromIPCStream(tableToIPC(new ArrowTable(columns), "stream"));
  writeFileSync(file("chat.parquet"), writeParquet(table));
  writeFileSync(file("chat.jsonl"), `${JSON.stringify({ messages })}\n`.repeat(2));
  const found = await run(["render", file("chat.parquet"), ...usual]);
  const expected = await run(["render", file("chat.jsonl"), ...usual]);
  expect([found.stderr, found.code]).toEqual(["", 0]);
  expect(found.stdout.toString()).toBe(expected.stdout.toString());
});

describe("a row group of Parquet", () => {
  const parquetOf = (table: ArrowTable) =>
    writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));

  it("keeps the text of floats as Python's json.dumps writes them", async () => {
    // The texts are those of json.dumps in Python 3.11.
    const texts = ["1.0", "-0.0", "0.1", "1e+16", "123456789012345.0", "1e-05", "0.0001", "1e+21"];
    const schemas = texts.map((text) => ({ default: Number(text) }));
    const type = new Struct([new Field("default", new Float64(), true)]);
    const table = new ArrowTable({ value: vectorFromArray(schemas, type) });
    const batch = table.batches[0];
    if (!batch) throw new Error("the table has no batch");
    const found = texts.map((_, index) => arrowRowText(batch, index).text);
    expect(found).toEqual(texts.map((text) => `{"value":{"default":${text}}}`));
  });

  it("reads a binary conversation as UTF-8, or refuses the row with its bytes", async () => {
    const good = Buffer.from(rows[0] ?? "");
    const bad = Buffer.from([0x7b, 0xff, 0x7d]);
    const table = new ArrowTable({ conversation: vectorFromArray([good, bad], new Binary()) });
    writeFileSync(file("binary.parquet"), parquetOf(table));
    const found = await run(["render", file("binary.parquet"), "--shape", "harmony", ...usual]);
    expect(found.code).toBe(3);
    const [refused = ""] = found.stderr.split("\n");
    expect(JSON.parse(refused)).toMatchObject({
      row: 1,
      code: "invalid_utf8",
      line_base64: bad.toString("base64"),
    });
    const expected = await run(["render", "-", ...usual], { input: `${rows[0]}\n` });
    expect(found.stdout.equals(expected.stdout)).toBe(true);
  });

  it("makes a NaN beside the conversation null, alone and in a list", async () => {
    const message = new Struct([new Field("content", new Float64(), true)]);
    const list = (item: DataType) => new List(new Field("item", item, true));
    const table = new ArrowTable({
      score: vectorFromArray([Number.NaN], new Float64()),
      scores: vectorFromArray([[0.5, Number.NaN, Number.POSITIVE_INFINITY]], list(new Float64())),
      matrix: vectorFromArray([[[Number.NaN], [1]]], list(list(new Float64()))),
      messages: vectorFromArray([[{ content: Number.NaN }]], list(message)),
    });
    const [batch] = table.batches;
    if (!batch) throw new Error("the table has no batch");
    expect(arrowRowText(batch, 0).text).toBe(
      '{"score":null,"scores":[0.5,null,null],"matrix":[[null],[1.0]],"messages":[{"content":NaN}]}',
    );
  });
});
