/** Several inputs: files, globs and folders, in a stable order, each read by its own format and shape. */

import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { beforeAll, expect, it } from "vitest";
import { manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(50);
const lines = (from: number, to: number) => `${rows.slice(from, to).join("\n")}\n`;
const CHAT = JSON.stringify({
  messages: [
    { role: "user", content: "chat" },
    { role: "assistant", content: "answer", reasoning_content: "thought" },
  ],
});
const flags = ["-o", "-", "--columns", "source_file,source_row", "--quiet", "--workers", "1"];

beforeAll(() => {
  mkdirSync(file("data/b/deep"), { recursive: true });
  mkdirSync(file("data/.hidden"));
  writeFileSync(file("data/Z.jsonl"), lines(0, 10));
  writeFileSync(file("data/a.jsonl.zst"), zstdCompressSync(lines(10, 20)));
  writeFileSync(file("data/b/deep/é.jsonl.gz"), gzipSync(lines(20, 30)));
  writeFileSync(file("data/b/array.json"), `[${rows.slice(30, 40).join(",")}]`);
  const table = tableFromArrays({ conversation: rows.slice(40) });
  const parquet = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));
  writeFileSync(file("data/b/rows.parquet"), parquet);
  mkdirSync(file("data/out.parquet.partial"));
  mkdirSync(file("saved/train"), { recursive: true });
  writeFileSync(file("saved/dataset_dict.json"), '{"splits": ["train"]}');
  for (const name of ["dataset_info", "state"])
    writeFileSync(file(`saved/train/${name}.json`), "{}");
  writeFileSync(file("saved/state.json"), lines(0, 1));
  writeFileSync(
    file("saved/train/data-00000-of-00001.arrow"),
    tableToIPC(tableFromArrays({ conversation: rows.slice(0, 2) }), "stream"),
  );
  for (const other of [
    "out.parquet.partial/journal.jsonl",
    ".hidden/x.jsonl",
    ".x.jsonl",
    "notes.txt",
    "b/README.md",
  ]) {
    writeFileSync(file(`data/${other}`), "not rows");
  }
  writeFileSync(file("chat.jsonl"), CHAT);
  mkdirSync(file("empty"));
  symlinkSync(file("data/Z.jsonl"), file("link.jsonl"));
  linkSync(file("data/Z.jsonl"), file("hard.jsonl"));
  writeFileSync(file("damaged.gz"), gzipSync(lines(0, 10)).fill(0, 20, 40));
  writeFileSync(file("plain.jsonl"), '{"messages":[{"role":"user","content":"a"}]}');
  writeFileSync(file("x.jsonl.xz"), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]));
});

const ALL = ["Z.jsonl", "a.jsonl.zst", "b/array.json", "b/deep/é.jsonl.gz", "b/rows.parquet"];

/** Renders in the scratch folder; the files in the order of their rows. */
async function filesOf(...inputs: string[]): Promise<string[]> {
  const ended = await run(["render", ...inputs, ...flags, "--analysis", "keep"], {
    cwd: file("."),
  });
  expect([ended.stderr, ended.code]).toEqual(["", 0]);
  const given = ended.stdout.toString().trim().split("\n");
  const sources = given.map((line): { source_file: string; source_row: number } =>
    JSON.parse(line),
  );
  const names = [...new Set(sources.map(({ source_file }) => source_file))];
  for (const name of names) {
    const numbers = sources.filter(({ source_file }) => source_file === name);
    expect(numbers.map(({ source_row }) => source_row)).toEqual([...numbers.keys()]);
  }
  return names;
}

it.each([
  ["a folder", ["data"], ALL.map((name) => `data/${name}`)],
  ["a folder with a slash", ["data/"], ALL.map((name) => `data/${name}`)],
  ["a glob", ["data/**/*.{zst,gz}"], ["data/a.jsonl.zst", "data/b/deep/é.jsonl.gz"]],
  [
    "arguments in their order",
    ["data/b/*.json", "data/Z.jsonl", "data/a*"],
    ["data/b/array.json", "data/Z.jsonl", "data/a.jsonl.zst"],
  ],
])("reads %s", async (_, inputs, expected) => {
  expect(await filesOf(...inputs)).toEqual(expected);
});

it("reads an absolute glob, and a name with the characters of a glob", async () => {
  writeFileSync(file("odd[1].jsonl"), lines(0, 3));
  expect(await filesOf("odd[1].jsonl", file("data/*.jsonl"))).toEqual([
    "odd[1].jsonl",
    file("data/Z.jsonl"),
  ]);
});

it("gives every row the ids that its file alone gives", async () => {
  const render = async (...inputs: string[]) =>
    (
      await run(["render", ...inputs, "-o", "-", "--quiet", "--analysis", "keep"], {
        cwd: file("."),
      })
    ).stdout;
  const alone = [];
  for (const name of ALL) alone.push(await render(`data/${name}`));
  expect((await render("data")).equals(Buffer.concat(alone))).toBe(true);
});

it("detects the shape of each file by itself", async () => {
  const render = async (...inputs: string[]) =>
    (
      await run(["render", ...inputs, "-o", "-", "--quiet", "--analysis", "keep"], {
        cwd: file("."),
      })
    ).stdout;
  const mixed = await render("chat.jsonl", "data/Z.jsonl");
  const apart = [await render("chat.jsonl"), await render("data/Z.jsonl")];
  expect(mixed.equals(Buffer.concat(apart))).toBe(true);
  expect((await render("chat.jsonl")).length).toBeGreaterThan(0);
});

it("records that the shapes differ", async () => {
  const out = ["-o", file("mixed.parquet"), "--quiet", "--analysis", "keep"];
  expect((await run(["render", file("chat.jsonl"), file("data/Z.jsonl"), ...out])).code).toBe(0);
  expect(readFileSync(file("mixed.parquet"), "latin1")).toContain('"shape":"auto"');
});

it("names the file of a rejected row", async () => {
  writeFileSync(file("bad.jsonl"), `${rows[0]}\n{\n`);
  const args = ["render", "data/Z.jsonl", "bad.jsonl", "-o", "named.jsonl", "--quiet"];
  const { code } = await run(args, { cwd: file(".") });
  const rejected = readFileSync(file("named.jsonl.rejected.jsonl"), "utf8");
  expect([code, JSON.parse(rejected)]).toMatchObject([
    3,
    { file: "bad.jsonl", row: 1, code: "invalid_json" },
  ]);
});

it.each([
  [["nowhere.jsonl"], 1, "nowhere.jsonl does not exist"],
  [["data/*.csv"], 2, "data/*.csv: no file matches; expected"],
  [["empty"], 2, "empty: no file matches"],
  [["data/Z.jsonl", "data/*.jsonl"], 2, "data/Z.jsonl: the file is given twice"],
  [["data/Z.jsonl", "link.jsonl"], 2, "link.jsonl (also data/Z.jsonl): the file is given twice"],
  [["data/Z.jsonl", "hard.jsonl"], 2, "hard.jsonl (also data/Z.jsonl): the file is given twice"],
  [["data/Z.jsonl", "-"], 2, "- is stdin, which cannot be combined"],
  [["data/Z.jsonl", "damaged.gz"], 1, "damaged.gz: the gzip input is damaged"],
  [["data/Z.jsonl", "plain.jsonl"], 2, "plain.jsonl: no row has a field that only"],
  [["data/Z.jsonl", "x.jsonl.xz"], 2, "x.jsonl.xz: the input is compressed with xz"],
])("refuses %j before it writes anything", async (inputs, code, message) => {
  const ended = await run(["render", ...inputs, "-o", "refused.jsonl"], { cwd: file(".") });
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
  expect(readdirSync(file(".")).filter((name) => name.includes("refused"))).toEqual([]);
});

it("reads the folder of save_to_disk without the files that describe it", async () => {
  const { stdout } = await run(["render", "saved", ...flags], { cwd: file(".") });
  const names = stdout.toString().match(/saved[^"]*/g);
  const arrow = "saved/train/data-00000-of-00001.arrow";
  expect(names).toEqual(["saved/state.json", arrow, arrow]);
});
