/** Output in parts: the same bytes for any number of workers and after any kill, and a manifest of them. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { file, hashes, manifestOf, parquetRows, render } from "./output-folder.ts";
import { endOf, killsUntilDone, PROGRAM, run } from "./support.ts";

it.each(["1", "3"])("has the same bytes with %s workers", async (workers) => {
  expect((await run(render(`workers-${workers}/`, "--workers", workers))).code).toBe(3);
  expect(hashes(`workers-${workers}`)).toEqual(hashes("whole"));
});

it("has the rows of one file, in parts of the size that was asked for", async () => {
  const parts = manifestOf("whole").parts;
  expect(parts.map(({ path, rows }) => [path, rows])).toEqual([
    ["part-00000.parquet", 500],
    ["part-00001.parquet", 499],
    ["part-00002.parquet", 300],
    ["part-00003.parquet", 500],
    ["part-00004.parquet", 500],
    ["part-00005.parquet", 200],
  ]);
  const columns = Object.keys((await parquetRows(file("whole/part-00000.parquet")))[0] ?? {});
  const single = ["render", file("data"), "-o", file("single.parquet"), "--quiet"];
  const flags = ["--analysis", "keep", "--columns", columns.join(",")];
  expect((await run([...single, ...flags])).code).toBe(3);
  const rows = [];
  for (const { path } of parts) rows.push(...(await parquetRows(file(`whole/${path}`))));
  expect(rows).toEqual(await parquetRows(file("single.parquet")));
  expect(new Set(rows.map(({ source_file }) => source_file)).size).toBe(3);
});

it.each([
  ["jsonl", "zstd", ".jsonl.zst", ["meta.json"]],
  ["arrow", "none", ".arrow", []],
  ["arrows", "none", ".arrows", []],
  ["npy", "none", ".npy", ["loss_mask.npy", "n_tokens.npy", "npy.meta.json"]],
  ["megatron", "none", ".bin", ["idx", "_loss_mask.bin", "_loss_mask.idx", "bin.meta.json"]],
] as const)("writes %s with its files", async (format, compression, extension, others) => {
  const flags = ["--format", format, "--compression", compression];
  expect((await run(render(`${format}/`, ...flags))).code).toBe(3);
  const { parts } = manifestOf(format);
  const names = parts.map(({ path }) => path);
  expect(names).toEqual(names.map((_, at) => `part-0000${at}${extension}`));
  expect(parts[0]?.files.map(({ path }) => path)).toHaveLength(others.length);
  for (const { path } of parts[0]?.files ?? [])
    expect(existsSync(file(`${format}/${path}`))).toBe(true);
});

it("has parts of JSON lines that are one file when they are joined", async () => {
  const flags = ["--columns", "input_ids,source_row"];
  await run(render("lines/", ...flags, "--format", "jsonl"));
  const args = ["render", file("data"), "-o", file("lines.jsonl"), "--quiet", ...flags];
  await run([...args, "--analysis", "keep"]);
  const texts = manifestOf("lines").parts.map(({ path }) => readFileSync(file(`lines/${path}`)));
  expect(Buffer.concat(texts).equals(readFileSync(file("lines.jsonl")))).toBe(true);
});

it.each([
  ["parquet", "write", 2, 5],
  ["parquet", "rename", 1, 3],
  ["parquet", "rm", 1, 3],
  ["megatron", "rename", 2, 4],
])("a run into parts of %s that is killed in a %s resumes to the same bytes", async (...moment) => {
  const [format, operation, step, leastKills] = moment;
  const flags = ["--workers", "2", "--format", format];
  const whole = `whole-${format}`;
  if (!existsSync(file(whole))) expect((await run(render(`${whole}/`, ...flags))).code).toBe(3);
  const output = `killed-${format}-${operation}`;
  const kills = await killsUntilDone(render(`${output}/`, ...flags), operation, step);
  expect(kills).toBeGreaterThanOrEqual(leastKills);
  expect(hashes(output)).toEqual(hashes(whole));
  const { code, stderr } = await run(render(`${output}/`, ...flags, "--resume"));
  expect([code, stderr]).toEqual([3, expect.stringContaining("is finished")]);
});

it("resumes when the disk was full", async () => {
  const args = render("full/", "--format", "jsonl", "--workers", "1");
  const limited = `ulimit -f 300; exec "$0" "$@"`; // In blocks of 512 bytes or 1 KB.
  const { code, signal, stderr } = await endOf(
    spawn("sh", ["-c", limited, process.execPath, PROGRAM, ...args]),
  );
  expect(signal === "SIGXFSZ" || (code === 1 && stderr.includes("--resume"))).toBe(true);
  expect(existsSync(file("full/manifest.json"))).toBe(false);
  expect((await run([...args, "--resume"])).code).toBe(3);
  await run(render("full-whole/", "--format", "jsonl"));
  expect(hashes("full")).toEqual(hashes("full-whole"));
});

describe("the manifest", () => {
  it("has the sizes and hashes of the files, and the counts of the rows", async () => {
    const manifest = manifestOf("whole");
    const whole = hashes("whole");
    const rejected = manifest.parts.flatMap(({ rejected_file }) => rejected_file ?? []);
    for (const { path, bytes, sha256 } of [...manifest.parts, ...rejected]) {
      expect([path, sha256]).toEqual([path, whole[path]]);
      expect(readFileSync(file(`whole/${path}`)).length).toBe(bytes);
    }
    expect(Object.keys(whole).length).toBe(1 + manifest.parts.length + rejected.length);
    expect(manifest.totals).toMatchObject({
      parts: 6,
      rows: 2499,
      conversations: 2500,
      rejected: 1,
      analysis_left_out: 0,
    });
    let ids = 0;
    for (const { path } of manifest.parts) {
      const rows = await parquetRows(file(`whole/${path}`));
      for (const { n_tokens } of rows) ids += Number(n_tokens);
    }
    expect(manifest.totals.ids).toBe(ids);
  });

  it("has the inputs with their hashes and their conversations", () => {
    const { inputs, parts, shard } = manifestOf("whole");
    expect(shard).toBeNull();
    expect(inputs).toEqual(
      ["a.jsonl", "b.jsonl.zst", "c.jsonl"].map((name, at) => {
        const bytes = readFileSync(file(`data/${name}`));
        return {
          path: file(`data/${name}`),
          bytes: bytes.length,
          sha256: createHash("sha256").update(bytes).digest("hex"),
          shape: "harmony",
          weight: 1,
          conversations: [1300, 1100, 100][at],
        };
      }),
    );
    const given = parts.flatMap((part) => part.inputs);
    expect(given.reduce((sum, each) => sum + each.conversations, 0)).toBe(2500);
  });

  it("has every field that docs/manifest.md describes, and no other", () => {
    const page = readFileSync(new URL("../../../docs/manifest.md", import.meta.url), "utf8");
    const described = Array.from(page.matchAll(/^\| `([\w.[\]]+)`/gm), ([, name = ""]) => name);
    expect(described.toSorted()).toEqual([...fieldsOf(manifestOf("whole"))].toSorted());
  });
});

/** The paths of all fields; `[]` is every element of a list. */
function fieldsOf(value: unknown, path = ""): Set<string> {
  if (/^(?:run\..*|options|software|.*_by_reason|.*\.splits)$/.test(path)) return new Set([path]);
  if (Array.isArray(value)) {
    if (value.length === 0) return new Set([path]);
    return new Set(value.flatMap((each) => [...fieldsOf(each, `${path}[]`)]));
  }
  if (typeof value !== "object" || value === null) return new Set([path]);
  return new Set(
    Object.entries(value).flatMap(([name, each]) => [
      ...fieldsOf(each, path === "" ? name : `${path}.${name}`),
    ]),
  );
}

describe("a folder that exists", () => {
  it("is not touched without --overwrite, and replaced with it", async () => {
    cpSync(file("whole"), file("again"), { recursive: true });
    const refused = await run(render("again"));
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("--overwrite replaces the run"),
    ]);
    expect(hashes("again")).toEqual(hashes("whole"));
    writeFileSync(file("again/part-00099.parquet"), "of an earlier, longer run");
    writeFileSync(file("again/mine.txt"), "mine");
    expect((await run(render("again", "--overwrite"))).code).toBe(3);
    const { "mine.txt": mine, ...rest } = hashes("again");
    expect(mine).toBeDefined();
    expect(rest).toEqual(hashes("whole"));
  });

  it("is refused if it has a run that was divided differently", async () => {
    cpSync(file("whole"), file("other"), { recursive: true });
    const { code, stderr } = await run(render("other", "--shard", "1/2"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("divided differently")]);
  });

  it("is not resumed with other options", async () => {
    const { code, stderr } = await run(render("whole", "--resume", "--mask", "trl"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("different options")]);
  });

  it.each(["data/out/", "data/"])("is refused if it is %s, among the inputs", async (output) => {
    if (output === "data/out/") mkdirSync(file(output));
    const { code, stderr } = await run(render(output));
    expect([code, stderr]).toEqual([2, expect.stringContaining("choose a folder of its own")]);
  });

  it("is refused among the inputs before it is there, because its parts would be", async () => {
    const args = ["render", "data", "-o", "data/new/out/", "--quiet", "--analysis", "keep"];
    const { code, stderr } = await run(args, { cwd: file(".") });
    expect([code, stderr]).toEqual([2, expect.stringContaining("choose a folder of its own")]);
  });
});

it.each([
  [["-o", "out/", "--shard-size", "10"], "Expected a whole number of KB, MB, GB or rows"],
  [["-o", "out/", "--shard", "3/2"], "Expected a share such as 1/8"],
  [["-o", "out.parquet", "--shard-size", "1GB"], "expected a folder as --output, such as out/"],
  [["-o", "-", "--shard", "1/2"], "expected a folder as --output, such as out/"],
])("refuses %j", async (flags, message) => {
  const { code, stderr } = await run(["render", file("data"), ...flags], { cwd: file(".") });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
