/** An output folder in several parts, of inputs with one bad row, for the tests of what reads and writes it. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { beforeAll, expect } from "vitest";
import type { Manifest } from "../src/shards/manifest.ts";
import { hashesIn, manyRows, run, scratchFolder } from "./support.ts";

/** A path in the folder of a test file. */
export const file = scratchFolder();
/** Of every run. */
export const SIZE = "500rows";
/** The arguments of a run into a folder. */
export const render = (output: string, ...more: string[]) => [
  ...["render", file("data"), "-o", file(output), "--quiet", "--shard-size", SIZE],
  ...["--analysis", "keep", ...more],
];

beforeAll(async () => {
  mkdirSync(file("data"));
  const rows = manyRows(2500);
  rows[700] = '{"messages": 1}';
  writeFileSync(file("data/a.jsonl"), rows.slice(0, 1300).join("\n"));
  writeFileSync(file("data/b.jsonl.zst"), zstdCompressSync(rows.slice(1300, 2400).join("\n")));
  writeFileSync(file("data/c.jsonl"), rows.slice(2400).join("\n"));
  expect((await run(render("whole/", "--workers", "2"))).code).toBe(3);
});

/** The hash of every file in a folder. */
export const hashes = (folder: string) => hashesIn(file(folder));

/** The manifest in a folder. */
export function manifestOf(folder: string, name = "manifest.json"): Manifest {
  return JSON.parse(readFileSync(file(`${folder}/${name}`), "utf8"));
}

/** The rows of a Parquet file. */
export async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  const { buffer, byteOffset, length } = readFileSync(path);
  const bytes = new Uint8Array(buffer, byteOffset, length).slice().buffer;
  return parquetReadObjects({ file: bytes, compressors });
}
