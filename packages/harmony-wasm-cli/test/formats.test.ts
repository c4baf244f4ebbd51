/**
 * Each format, read by code that did not write it: hyparquet for Parquet, and the
 * layouts that NumPy and Megatron define by hand. test/python reads the same files
 * with pyarrow and numpy. The ids are those of the oracle.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { beforeAll, describe, expect, it } from "vitest";
import { manyRows, nativeRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const native = nativeRows();
const rendered = native.flatMap(({ tokens }, row) => (tokens ? [{ row, tokens }] : []));
const FLAGS = ["--shape", "harmony", "--for", "conversation", "--quiet"];

beforeAll(() => writeFileSync(file("in.jsonl"), native.map(({ text }) => `${text}\n`).join("")));

async function render(output: string, ...flags: string[]) {
  const ended = await run(["render", file("in.jsonl"), "-o", file(output), ...FLAGS, ...flags]);
  expect(ended.stderr).toMatch(/^harmony render: \d+ rows were rejected/);
  expect(ended.code).toBe(3);
  return readFileSync(file(output));
}

function jsonLines(text: string): { input_ids: number[]; source_row: number }[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function isExpected(rows: { input_ids: number[]; source_row: number | bigint }[]): void {
  const found = rows.map(({ source_row, input_ids }) => {
    return { row: Number(source_row), tokens: Array.from(input_ids) };
  });
  expect(found).toEqual(rendered);
}

describe("the ids of native upstream, for readers of tables", () => {
  it.each(["snappy", "zstd", "gzip", "none"])("in Parquet, %s", async (compression) => {
    const bytes = await render(`${compression}.parquet`, "--compression", compression);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      compressors,
    });
    isExpected(rows as { input_ids: number[]; source_row: bigint }[]);
  });

  it.each(["arrow", "arrows"])("in an Arrow file, .%s", async (extension) => {
    const table = tableFromIPC(await render(`out.${extension}`));
    expect(table.numRows).toBe(rendered.length);
    const ids = table.getChild("input_ids");
    const sources = table.getChild("source_row");
    isExpected(
      Array.from({ length: table.numRows }, (_, at) => ({
        input_ids: ids?.get(at),
        source_row: sources?.get(at),
      })),
    );
  });

  it("in JSON lines, plain and compressed", async () => {
    const plain = (await render("out.jsonl")).toString();
    isExpected(jsonLines(plain));
    expect(gunzipSync(await render("out.jsonl.gz")).toString()).toBe(plain);
    expect(zstdDecompressSync(await render("out.jsonl.zst")).toString()).toBe(plain);
    const meta = JSON.parse(readFileSync(file("out.jsonl.meta.json"), "utf8"));
    expect(meta["harmony.package"]).toBe("harmony-wasm-cli");
  });
});

describe("the ids of native upstream, as bare numbers", () => {
  it("in .npy, with NumPy's header", async () => {
    const bytes = await render("out.npy");
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from("\x93NUMPY\x01\x00", "latin1"));
    const all = rendered.flatMap(({ tokens }) => tokens);
    const header = bytes.toString("latin1", 10, 10 + bytes.readUInt16LE(8));
    expect(header).toMatch(
      new RegExp(
        `^\\{'descr': '<i4', 'fortran_order': False, 'shape': \\(${all.length},\\), \\} *\\n$`,
      ),
    );
    expect((10 + header.length) % 64).toBe(0);
    expect(
      Array.from(
        new Int32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length)),
      ),
    ).toEqual(all);
    const lengths = readFileSync(file("out.n_tokens.npy")).subarray(128);
    expect(rendered.map((_, at) => lengths.readInt32LE(at * 4))).toEqual(
      rendered.map(({ tokens }) => tokens.length),
    );
  });

  it("in Megatron's .bin and .idx", async () => {
    const bin = await render("out.bin");
    const idx = readFileSync(file("out.idx"));
    expect(idx.toString("latin1", 0, 9)).toBe("MMIDIDX\0\0");
    expect([idx.readBigUInt64LE(9), idx[17]]).toEqual([1n, 4]);
    const count = Number(idx.readBigUInt64LE(18));
    expect([count, Number(idx.readBigUInt64LE(26))]).toEqual([rendered.length, count + 1]);
    const rows = rendered.map((_, at) => {
      const length = idx.readInt32LE(34 + at * 4);
      const start = Number(idx.readBigInt64LE(34 + count * 4 + at * 8));
      return Array.from({ length }, (_each, id) => bin.readInt32LE(start + id * 4));
    });
    expect(rows).toEqual(rendered.map(({ tokens }) => tokens));
    const documents = 34 + count * 12;
    expect(idx.readBigInt64LE(documents + count * 8)).toBe(BigInt(count));
    expect(idx.length).toBe(documents + (count + 1) * 8);
  });
});

it.each([
  ["an empty input", "", 0],
  ["rejected rows alone", "no JSON\n", 3],
])("%s gives a Parquet file without rows that every reader accepts", async (_, text, code) => {
  writeFileSync(file("none.jsonl"), text);
  const args = ["render", file("none.jsonl"), "-o", file("none.parquet"), "--overwrite", ...FLAGS];
  expect((await run(args)).code).toBe(code);
  const bytes = readFileSync(file("none.parquet"));
  const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
  expect([metadata.num_rows, metadata.row_groups]).toEqual([0n, []]);
  const keys = metadata.key_value_metadata?.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["harmony.options", "ARROW:schema"]));
  for (const command of ["verify", "stats"]) {
    const ended = await run([command, file("none.parquet")]);
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
  }
  expect((await run(["diff", file("none.parquet"), file("none.parquet")])).code).toBe(0);
});

it("rejects the rows that upstream refuses, with code, row and line", async () => {
  await render("rejects.parquet");
  const lines = readFileSync(file("rejects.parquet.rejected.jsonl"), "utf8").split("\n");
  const found = lines.slice(0, -1).map((line) => JSON.parse(line));
  const refused = native.flatMap(({ text, error }, row) => (error ? [{ row, line: text }] : []));
  expect(found.map(({ row, line }) => ({ row, line }))).toEqual(refused);
  expect(
    found.every(({ code, path, message }) => code && typeof path === "string" && message),
  ).toBe(true);
});

it("writes the same bytes with one, two and three workers", async () => {
  const input = manyRows(3000);
  input[17] = "no JSON";
  writeFileSync(file("many.jsonl"), input.join("\n"));
  for (const name of ["w.parquet", "w.bin", "w.pack.arrow"]) {
    const written = [];
    for (const workers of ["1", "2", "3"]) {
      const flags = [...(name.includes("pack") ? ["--pack", "1024"] : []), "--workers", workers];
      const args = ["render", file("many.jsonl"), "-o", file(name), "--quiet", "--overwrite"];
      expect((await run([...args, ...flags])).code).toBe(3);
      written.push(readFileSync(file(name)));
    }
    expect(written[1]?.equals(written[0] ?? Buffer.of())).toBe(true);
    expect(written[2]?.equals(written[0] ?? Buffer.of())).toBe(true);
  }
});
