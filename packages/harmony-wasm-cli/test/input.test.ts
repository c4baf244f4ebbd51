/** Inputs of every format, and hostile rows. */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  Table as ArrowTable,
  Binary,
  CompressionType,
  compressionRegistry,
  Field,
  Float64,
  Int64,
  List,
  RecordBatchStreamWriter,
  Struct,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { describe, expect, it } from "vitest";
import { arrowRowText } from "../src/input/arrow-rows.ts";
import { endOf, manyRows, PROGRAM, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(1500);
const text = `${rows.join("\n")}\n`;
const arrow = (texts: readonly string[], format: "file" | "stream") =>
  tableToIPC(tableFromArrays({ conversation: [...texts] }), format);
const columns = (texts: readonly string[]) =>
  writeParquet(Table.fromIPCStream(arrow(texts, "stream")));
/** A frame of zstd that a reader skips; `kind` is from 0 to 15. */
function skippable(kind: number, size: number): Buffer {
  const frame = Buffer.alloc(8 + size, "x");
  frame.writeUInt32LE(0x184d2a50 + kind, 0);
  frame.writeUInt32LE(size, 4);
  return frame;
}
const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const parse = (row: string): unknown => JSON.parse(row);
writeFileSync(file("in.jsonl"), text);
const usual = [
  ...["-o", "-", "--columns", "input_ids,source_row", "--quiet", "--workers", "1"],
  ...["--analysis", "upstream"], // Chosen, so that nothing is reported on stderr.
];

it.each([
  ["stdin", "-", text],
  ["gzip", "in.gz", gzipSync(text)],
  [
    "gzip in two members",
    "in2.gz",
    Buffer.concat([gzipSync(text.slice(0, 999)), gzipSync(text.slice(999))]),
  ],
  ["zstd", "in.zst", zstdCompressSync(text)],
  [
    "zstd in two frames",
    "in2.zst",
    Buffer.concat([zstdCompressSync(text.slice(0, 999)), zstdCompressSync(text.slice(999))]),
  ],
  [
    "zstd with skippable frames, as pzstd writes it",
    "in3.zst",
    Buffer.concat([
      skippable(0, 4),
      zstdCompressSync(text.slice(0, 999)),
      skippable(15, 100_000),
      zstdCompressSync(text.slice(999)),
      skippable(7, 0),
    ]),
  ],
  [
    "zstd with a skippable frame on stdin",
    "-",
    Buffer.concat([skippable(1, 9), zstdCompressSync(text)]),
  ],
  ["gzip on stdin", "-", gzipSync(text)],
  ["Parquet with text", "in.parquet", columns(rows)],
  ["an Arrow file of one record batch", "in.arrow", arrow(rows, "file")],
  ["an Arrow stream", "in.arrows", arrow(rows, "stream")],
  ["an Arrow stream on stdin", "-", arrow(rows, "stream")],
  ["a byte order mark and CRLF", "bom.jsonl", `\uFEFF${text.replaceAll("\n", "\r\n")}`],
  ["no line feed at the end", "open.jsonl", text.slice(0, -1)],
  ["a JSON array on one line", "array.json", `[${rows.join(",")}]`],
  ["a JSON array with a row per line", "rows.json", `[\n${rows.join(",\n")}\n]\n`],
  ["a pretty-printed JSON array on stdin", "-", JSON.stringify(rows.map(parse), null, 2)],
  ["a JSON array in gzip", "array.json.gz", gzipSync(JSON.stringify(rows.map(parse), null, 1))],
  [
    "pretty-printed JSON values",
    "values.json",
    rows.map((row) => JSON.stringify(parse(row), null, 2)).join("\n"),
  ],
])("reads %s", async (_name, path, bytes) => {
  if (path !== "-") writeFileSync(file(path), bytes);
  const given = path === "-" ? { input: bytes } : {};
  const found = await run(["render", path === "-" ? "-" : file(path), ...usual], given);
  const expected = await run(["render", file("in.jsonl"), ...usual]);
  expect([found.stderr, found.code]).toEqual(["", 0]);
  expect(found.stdout.equals(expected.stdout)).toBe(true);
  expect(found.stdout.toString().split("\n").length).toBe(rows.length + 1);
});

it("reads a named pipe once", async () => {
  const command = `exec "$0" "$@" <(cat ${file("in.jsonl")})`;
  const args = ["-c", command, process.execPath, PROGRAM, "render", ...usual];
  const found = await endOf(spawn("bash", args));
  const expected = await run(["render", file("in.jsonl"), ...usual]);
  expect([found.stderr, found.code]).toEqual(["", 0]);
  expect(found.stdout.equals(expected.stdout)).toBe(true);
});

it.each([
  ["bzip2", "bzcat", Buffer.from("BZh91AY&SY")],
  ["xz", "xzcat", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
])("names %s, which it cannot read", async (name, command, bytes) => {
  writeFileSync(file(name), bytes);
  for (const [path, given] of [[file(name), {}] as const, ["-", { input: bytes }] as const]) {
    const { code, stderr } = await run(["render", path, ...usual], given);
    const message = `the input is compressed with ${name}: decompress it first, as in ${command} `;
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});

it("resumes in the middle of a JSON array", async () => {
  const bad = [...manyRows(2500), '{"messages":1}', ...manyRows(100)];
  writeFileSync(file("bad.json"), `[${bad.join(",\n")}]`);
  writeFileSync(file("bad.jsonl"), bad.join("\n"));
  const args = (input: string, ...more: string[]) => [
    ...["render", file(input), "-o", file(`${input}.parquet`), "--shape", "harmony"],
    ...["--analysis", "keep", "--workers", "1", ...more],
  ];
  expect((await run(args("bad.json", "--max-rejected", "0"))).code).toBe(1);
  expect((await run(args("bad.json", "--resume"))).code).toBe(3);
  expect((await run(args("bad.jsonl"))).code).toBe(3);
  const [resumed, whole] = ["bad.json.parquet", "bad.jsonl.parquet"].map((name) =>
    readFileSync(file(name)),
  );
  expect(whole && resumed?.equals(whole)).toBe(true);
});

it.each([
  [
    "ShareGPT",
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b" },
      ],
    },
  ],
  ["TRL's prompt and completion", { prompt: [user("a")], completion: [assistant("b")] }],
  ["messages as JSON text", { messages: JSON.stringify([user("a"), assistant("b")]) }],
])("reads %s without a flag", async (_, row) => {
  const flags = ["--no-system-message", ...usual];
  const found = await run(["render", "-", ...flags], { input: JSON.stringify(row) });
  const chat = JSON.stringify({ messages: [user("a"), assistant("b")] });
  const expected = await run(["render", "-", "--shape", "chat", ...flags], { input: chat });
  expect([found.code, found.stderr]).toEqual([0, ""]);
  expect(found.stdout.toString()).toBe(expected.stdout.toString());
});

it.each([
  ["the input of the Responses API", { input: [user("a")] }],
  ["an instruction of Alpaca", { instruction: "a", output: "b" }],
  ["preference data", { chosen: [], rejected: [] }],
])("names the shape of rows that it does not read: %s", async (shape, row) => {
  const { code, stderr } = await run(["render", "-", ...usual], { input: JSON.stringify(row) });
  expect([code, stderr]).toEqual([2, expect.stringContaining(shape)]);
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

it.each([
  ["gzip", gzipSync(text).subarray(0, 20_000)],
  ["zstd", zstdCompressSync(text).subarray(0, 5_000)],
  ["Arrow", arrow(rows, "file").subarray(0, 5_000)],
  ["Arrow", arrow(rows, "stream").subarray(0, 100)],
])("reports damaged %s", async (name, bytes) => {
  writeFileSync(file("damaged"), bytes);
  const { code, stderr } = await run(["render", file("damaged"), "--shape", "harmony", ...usual]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`the ${name} input is damaged`)]);
});

it("says that an Arrow file cannot be piped", async () => {
  const { code, stderr } = await run(["render", "-", ...usual], { input: arrow(rows, "file") });
  const message = "stdin: an Arrow file is read from its end, so pass it as a file on a disk";
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it("says how to write Arrow data that is compressed", async () => {
  compressionRegistry.set(CompressionType.ZSTD, {
    encode: (data) => zstdCompressSync(data),
    decode: (data) => zstdDecompressSync(data),
  });
  const writer = new RecordBatchStreamWriter({ compressionType: CompressionType.ZSTD });
  writer.writeAll(tableFromArrays({ conversation: rows }));
  writeFileSync(file("zstd.arrows"), writer.toUint8Array(true));
  const { code, stderr } = await run(["render", file("zstd.arrows"), ...usual]);
  const message = "the buffers of the Arrow input are compressed: write it without compression";
  expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
});

it("rejects hostile rows, and renders the rows between them", async () => {
  const good = rows[0] ?? "";
  const parameters = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  const tool = `{"name":"f","description":"","parameters":${parameters}}`;
  const deep = `{"messages":[{"role":"developer","content":[{"type":"developer_content","tools":{"f":{"name":"f","tools":[${tool}]}}}]}]}`;
  const hostile: [Buffer, string][] = [
    [Buffer.from("nothing"), "invalid_json"],
    [Buffer.from('{"messages":'), "invalid_json"],
    [Buffer.from("null"), "invalid_conversation"],
    [Buffer.from('{"messages":[{"role":"robot","content":""}]}'), "unknown_role"],
    [Buffer.from([0x22, 0xff, 0xfe, 0x22]), "invalid_utf8"],
    [Buffer.from(deep), "too_deep"],
    [Buffer.from('{"messages":[{"role":"user","content":"\\ud800"}]}'), "invalid_json"],
    [Buffer.from('{"messages":[{"role":"user","content":"\u0000"}]}'), "invalid_json"],
    [Buffer.from('{"messages":[{"role":"tool","content":"no name"}]}'), "render_failed"],
    [Buffer.from('{"messages":[{"role":"user","content":"","train":1}]}'), "invalid_conversation"],
  ];
  const lines = hostile.flatMap(([bad]) => [Buffer.from(good), bad, Buffer.from("")]);
  writeFileSync(
    file("hostile.jsonl"),
    Buffer.concat(lines.flatMap((line) => [line, Buffer.of(10)])),
  );
  const args = [
    "render",
    file("hostile.jsonl"),
    "-o",
    file("hostile.jsonl.out.jsonl"),
    "--shape",
    "harmony",
  ];
  const { code, stderr } = await run(args);
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining(`${hostile.length} rows were rejected`),
  ]);
  const out = readFileSync(file("hostile.jsonl.out.jsonl"), "utf8").split("\n").slice(0, -1);
  expect(out.map((line) => JSON.parse(line).source_row)).toEqual(hostile.map((_, at) => at * 3));
  const rejected = readFileSync(file("hostile.jsonl.out.jsonl.rejected.jsonl"), "utf8");
  const found = rejected
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(found.map(({ row, code: why }) => [row, why])).toEqual(
    hostile.map(([, why], at) => [at * 3 + 1, why]),
  );
  const bytes = found.map(({ line, line_base64 }) =>
    line_base64 ? Buffer.from(line_base64, "base64") : Buffer.from(line),
  );
  expect(bytes.map((each) => each.toString("latin1").trimEnd())).toEqual(
    hostile.map(([bad]) => bad.toString("latin1")),
  );
});

it.each([
  [
    "mixed shapes",
    '{"messages":[{"role":"user","channel":"x","content":""}]}\n{"messages":[],"tools":[1]}',
    /row 0 has messages\[0\]\.channel|and row 0 has messages/,
  ],
  ["a shape without a sign", '{"messages":[{"role":"user","content":""}]}', /no row has a field/],
])("does not guess at %s", async (_name, input, message) => {
  const { code, stderr } = await run(["render", "-", ...usual], { input });
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it("reports a missing input, and wrong flags", async () => {
  const usage = async (...args: string[]) => {
    const { code, stderr } = await run(args);
    return [code, stderr.split("\n")[0]];
  };
  expect(await usage("render", file("none"), "-o", "-")).toEqual([
    1,
    expect.stringContaining("does not exist"),
  ]);
  expect(await usage("render", file("in.jsonl"))).toEqual([2, expect.stringContaining("--output")]);
  expect(await usage("render", file("in.jsonl"), "-o", "x.csv")).toEqual([
    2,
    expect.stringContaining("extension"),
  ]);
  expect(await usage("render", file("in.jsonl"), "-o", "-", "--columns", "ids")).toEqual([
    2,
    expect.stringContaining('unknown column "ids"'),
  ]);
  expect(await usage("render", file("in.jsonl"), "-o", "-", "--mask", "none")).toEqual([
    2,
    expect.stringContaining("--mask"),
  ]);
  expect(await usage("rendr")).toEqual([2, expect.stringContaining("unknown command")]);
});

it.each([
  ["harmony", "[]"],
  ["harmony", '{"messages": []}'],
  ["chat", '{"messages": []}'],
])("a conversation without messages becomes no row: %s %s", async (shape, empty) => {
  const full = JSON.stringify({ messages: [{ role: "user", content: "hi" }] });
  for (const flags of [[], ["--pack", "128"], ["--for", "completion"]]) {
    const args = ["render", "-", "-o", "-", "--shape", shape, "--quiet", "--format", "jsonl"];
    const ended = await run([...args, ...flags], { input: `${empty}\n${full}\n` });
    expect([ended.code, ended.signal]).toEqual([3, null]);
    expect(JSON.parse(ended.stderr.split("\n")[0] ?? "")).toMatchObject({
      row: 0,
      code: "empty_conversation",
      line: empty,
    });
    const { source_row, source_rows, n_tokens } = JSON.parse(ended.stdout.toString());
    expect(source_rows ?? [source_row]).toEqual([1]);
    expect(n_tokens).toBeGreaterThan(0);
  }
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
});
