/** Inputs of every format: compressed, piped, damaged. */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  CompressionType,
  compressionRegistry,
  RecordBatchStreamWriter,
  tableFromArrays,
  tableToIPC,
} from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { expect, it } from "vitest";
import { endOf, manyRows, PROGRAM, run, scratchFolder, usual } from "./support.ts";

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
const parse = (row: string): unknown => JSON.parse(row);
writeFileSync(file("in.jsonl"), text);

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
  const compressed = writer.toUint8Array(true);
  writeFileSync(file("zstd.arrows"), compressed);
  const { code, stderr } = await run(["render", file("zstd.arrows"), ...usual]);
  const message = "the buffers of the Arrow input are compressed: write it without compression";
  expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  const args = ["render", "--arrow-stdio", "--shape", "harmony"];
  const piped = await run(args, { input: compressed });
  expect([piped.code, piped.stderr]).toEqual([1, expect.stringContaining(`stdin: ${message}`)]);
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
