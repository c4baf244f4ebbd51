/** Damaged tables end a command with one line that names the file, whichever buffer is at fault. */

import { mkdirSync, writeFileSync } from "node:fs";
import { Table as ArrowTable, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { beforeAll, expect, it } from "vitest";
import { manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const arrow = new ArrowTable({ conversation: vectorFromArray(manyRows(3), new Utf8()) });
const stream = tableToIPC(arrow, "stream");

/** The bytes with those at a place replaced by others. */
function changed(bytes: Uint8Array, at: number, ...others: number[]): Uint8Array {
  if (at < 0) throw new Error("the place is not there");
  const copy = bytes.slice();
  copy.set(others, at);
  return copy;
}

beforeAll(() => {
  const parquet = writeParquet(Table.fromIPCStream(stream));
  // No text has the byte 0xff: parquet-wasm 0.8.0 ends with a trap, beside all promises.
  const text = Buffer.from(parquet).indexOf('"content"');
  mkdirSync(file("folder"));
  for (const name of ["a", "c"]) writeFileSync(file(`folder/${name}.parquet`), parquet);
  for (const name of ["text.parquet", "folder/b.parquet"]) {
    writeFileSync(file(name), changed(parquet, text, 0xff));
  }
  // The offsets of three texts are the first four integers of the body.
  const body = Buffer.from(stream).indexOf('{"messages"');
  const offsets = Buffer.from(stream.buffer, stream.byteOffset).lastIndexOf(
    Buffer.from(Int32Array.of(0, manyRows(3)[0]?.length ?? 0).buffer),
    body,
  );
  writeFileSync(file("far.arrows"), changed(stream, offsets + 4, 0, 0, 0, 0x70));
  writeFileSync(file("back.arrows"), changed(stream, offsets + 4, 0, 0, 0, 0x80));
});

it.each(["render -o -", "count", "stats", "verify", "parse", "inspect"])(
  "ends %s",
  async (words) => {
    const ended = await run([...words.split(" "), file("text.parquet")]);
    expect([ended.code, ended.stderr.trim().split("\n")]).toEqual([
      1,
      [expect.stringMatching(/text\.parquet could not be read as Parquet: /)],
    ]);
  },
);

it("ends a run over several files", async () => {
  const { code, stderr } = await run(["render", file("folder"), "-o", file("out/"), "--quiet"]);
  expect([code, stderr.trim().split("\n")]).toEqual([
    1,
    [expect.stringMatching(/b\.parquet.* could not be read as Parquet: /)],
  ]);
});

it.each(["far", "back"])("ends a run over an Arrow stream: %s", async (name) => {
  const { code, stderr } = await run(["render", file(`${name}.arrows`), "-o", "-", "--quiet"]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/\.arrows: the Arrow input is damaged: .*conversation.*\n$/),
  ]);
});
