/** The files of a run: how often each is read, for its shape and for its rows. */

import { expect, it } from "vitest";
import { BATCH_SIZE } from "../src/input/batch.ts";
import { InputSet } from "../src/input/input-set.ts";
import { rowTexts } from "../src/input/row-texts.ts";
import { type Position, START } from "../src/rows/position.ts";
import type { InputFile } from "../src/storage/input-file.ts";

const line = (words: number) =>
  `${JSON.stringify({ messages: [{ role: "user", channel: "x", content: "a ".repeat(words) }] })}\n`;

/** A file in memory, and how often it is opened. */
function fileOf(name: string, text: string) {
  const bytes = Buffer.from(text);
  const opened = { times: 0 };
  const file: InputFile = {
    ...{ name, id: name, size: bytes.length, version: "1", isStream: false, isLocal: true },
    read: (start) => {
      opened.times += 1;
      return (async function* () {
        yield Uint8Array.from(bytes.subarray(start));
      })();
    },
    blob: () => Promise.reject(new Error("no blob")),
  };
  return { file, opened };
}

async function rowsOf(set: InputSet, from: Position = START): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of set.batches(from, () => true)) {
    for (const { file, row } of rowTexts(batch)) rows.push(`${file}:${row}`);
  }
  return rows;
}

const open = (files: readonly { file: InputFile }[]) =>
  InputSet.open(
    files.map(({ file }) => file),
    "auto",
    BATCH_SIZE,
  );

it("reads small files once, and files of several batches again", async () => {
  const small = [fileOf("a", line(3) + line(4)), fileOf("b", line(5))];
  const large = fileOf("c", line(300_000) + line(300_000));
  const many = fileOf("d", line(1).repeat(1030));
  const set = await open([...small, large, many]);
  expect(set.files.map(({ shape }) => shape)).toEqual(Array(4).fill("harmony"));
  const rows = await rowsOf(set);
  expect(rows.slice(0, 5)).toEqual(["0:0", "0:1", "1:0", "2:0", "2:1"]);
  expect(rows).toHaveLength(5 + 1030);
  expect([...small, large, many].map(({ opened }) => opened.times)).toEqual([1, 1, 2, 2]);
});

it("reads a file again for a second pass, and for a run that continues in it", async () => {
  const files = [fileOf("a", line(1)), fileOf("b", line(1) + line(2))];
  const set = await open(files);
  const first = await rowsOf(set);
  expect(await rowsOf(set)).toEqual(first);
  const end = { file: 1, ordinal: 1, row: 2, offset: Buffer.byteLength(line(1) + line(2)) };
  expect(await rowsOf(await open(files), end)).toEqual([]);
});

it("keeps no more than 32 MB of small files", async () => {
  const text = line(500_000);
  const files = Array.from({ length: 40 }, (_, at) => fileOf(`${at}`, text));
  const set = await open(files);
  expect(await rowsOf(set)).toHaveLength(40);
  const kept = files.filter(({ opened }) => opened.times === 1);
  expect(kept).toHaveLength(Math.floor((32 * 1024 * 1024) / text.length));
});
