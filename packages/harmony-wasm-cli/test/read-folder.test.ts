/** Output folders and their files as inputs: `count` and `stats` read them, `render` says what they are. */

import { cpSync, existsSync, mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { file, manifestOf, render } from "./output-folder.ts";
import { run } from "./support.ts";

describe("count and stats of a folder", () => {
  it.each([
    ["its parts", "whole", []],
    ["the parts of every split", "split", ["--split", "validation=20%"]],
    ["Arrow streams", "streams", ["--format", "arrows"]],
    ["JSON lines with metadata beside them", "texts", ["--format", "jsonl"]],
  ])("read %s, not the manifest or the rejected rows", async (_, folder, more) => {
    if (!existsSync(file(folder))) expect((await run(render(`${folder}/`, ...more))).code).toBe(3);
    const { rows, ids, trained_ids } = manifestOf(folder).totals;
    const counted = await run(["count", file(folder)]);
    expect([counted.stderr, JSON.parse(counted.stdout.toString())]).toEqual([
      "",
      { conversations: 0, samples: rows, ids, rejected: 0 },
    ]);
    const { stdout } = await run(["stats", `${file(folder)}/`, "--json"]);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      samples: rows,
      ids,
      trained_ids,
      rejected: 0,
    });
  });

  it("name the folder whose parts have no rows, and a file of another shape", async () => {
    await run(render("numbers/", "--format", "npy"));
    const ended = await run(["stats", file("numbers")]);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining("end to end")]);
    const manifest = file("whole/manifest.json");
    const other = await run(["count", file("data/a.jsonl"), manifest]);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining(`harmony count: ${manifest}: expected conversations`),
    ]);
  });

  it.each(["count", "stats"])("%s says that a manifest without its parts is one", async (name) => {
    mkdirSync(file("moved"), { recursive: true });
    cpSync(file("whole/manifest.json"), file("moved/manifest-1of2.json"));
    const { code, stderr } = await run([name, file("moved")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("got the manifest of a run")]);
  });
});

it.each(["whole", "whole/*.{json,parquet}"])("render says that %s is rendered", async (input) => {
  const { code, stderr } = await run(["render", file(input), "-o", file("twice/"), "--quiet"]);
  const folder = `${file("whole")}/ is the output folder of a run`;
  expect([code, stderr]).toEqual([2, expect.stringContaining(`harmony render: ${folder}`)]);
  expect(existsSync(file("twice"))).toBe(false);
});

it("render says that a part is rendered, with its columns and their readers", async () => {
  const part = file("whole/part-00000.parquet");
  const { code, stderr } = await run(["render", part, "-o", file("twice/"), "--quiet"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${part}: expected messages`)]);
  expect(stderr).toContain("rendered already (the row has input_ids, ");
  expect(stderr).toContain("harmony count, stats and verify read token ids");
});

it("render names the reader of another program's column of ids", async () => {
  const { code, stderr } = await run(["render", "-", "-o", "-"], { input: '{"tokens":[1,2]}' });
  expect([code, stderr]).toEqual([2, expect.stringContaining("harmony verify --column tokens")]);
});
