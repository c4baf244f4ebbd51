/** Output in parts: the same bytes for any number of workers and after any kill, and a manifest of them. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../src/shards/manifest.ts";
import { endOf, killsUntilDone, manyRows, PROGRAM, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const SIZE = "500rows";
const render = (output: string, ...more: string[]) => [
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

/** The hash of every file in a folder, those of unfinished runs and of hidden files too. */
function hashes(folder: string): Record<string, string> {
  const entries = readdirSync(file(folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((path) => [
      relative(file(folder), path),
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}

function manifestOf(folder: string, name = "manifest.json"): Manifest {
  return JSON.parse(readFileSync(file(`${folder}/${name}`), "utf8"));
}

async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  const { buffer, byteOffset, length } = readFileSync(path);
  const bytes = new Uint8Array(buffer, byteOffset, length).slice().buffer;
  return parquetReadObjects({ file: bytes, compressors });
}

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

describe("--shard", () => {
  const shares = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1}/${count}`);
  const key = ({ source_file, source_row }: Record<string, unknown>) =>
    `${source_file} ${source_row}`;

  it.each([
    ["batches of one large file", "data/a.jsonl", 3, 1299],
    ["batches of files of unequal size", "data", 4, 2499],
    ["whole files", "equal", 2, 2000],
  ])("gives every row once, by %s", async (_, input, count, expected) => {
    mkdirSync(file("equal"), { recursive: true });
    for (const name of ["1", "2", "3", "4"]) {
      writeFileSync(file(`equal/${name}.jsonl`), manyRows(500).join("\n"));
    }
    const output = `shared-${input.replaceAll(/\W/g, "-")}`;
    for (const share of shares(count)) {
      const args = ["render", file(input), "-o", file(`${output}/`), "--shard", share, "--quiet"];
      const { code, stderr } = await run([
        ...args,
        "--shard-size",
        "300rows",
        "--analysis",
        "keep",
      ]);
      expect([stderr.split("harmony render: 1 row was rejected")[0], code]).toEqual([
        "",
        expect.toSatisfy((each) => each === 0 || each === 3),
      ]);
    }
    const names = readdirSync(file(output));
    const rows = [];
    for (const name of names.filter((each) => each.endsWith(".parquet"))) {
      rows.push(...(await parquetRows(file(`${output}/${name}`))));
    }
    expect(rows.length).toBe(expected);
    expect(new Set(rows.map(key)).size).toBe(expected);
    const manifests = shares(count).map((share) =>
      manifestOf(output, `manifest-${share.replace("/", "of")}.json`),
    );
    expect(manifests.every(({ totals }) => totals.rows > 0)).toBe(true);
    expect(new Set(manifests.map(({ inputs_sha256 }) => inputs_sha256)).size).toBe(1);
  });
});

describe("verify of a folder", () => {
  const verified = async (folder: string) => {
    const { code, stdout } = await run(["verify", file(folder)]);
    const found = stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return { code, found: found.slice(0, -1), totals: found.at(-1) };
  };

  it("finds nothing in a finished run", async () => {
    const { code, totals } = await verified("whole");
    expect([code, totals]).toMatchObject([0, { rows: 2499, findings: 0 }]);
  });

  it("finds a changed file, a missing one, and one of no run", async () => {
    cpSync(file("whole"), file("changed"), { recursive: true });
    cpSync(file("whole/part-00001.parquet"), file("changed/part-00000.parquet"));
    cpSync(file("whole/part-00001.parquet"), file("changed/part-00077.parquet"));
    rmSync(file("changed/part-00002.parquet"));
    const { code, found } = await verified("changed");
    expect([code, found]).toEqual([
      4,
      [
        { file: "part-00000.parquet", check: "manifest", message: expect.stringContaining("not") },
        { file: "part-00002.parquet", check: "manifest", message: "the file is missing" },
        { file: "part-00077.parquet", check: "manifest", message: "no manifest has this file" },
      ],
    ]);
  });

  it("finds a missing share, and one with other options", async () => {
    await run(render("thirds/", "--shard", "1/3"));
    await run(render("thirds/", "--shard", "2/3", "--mask", "trl"));
    const { code, found } = await verified("thirds");
    expect([code, found]).toEqual([
      4,
      [
        expect.objectContaining({ file: "manifest-3of3.json" }),
        expect.objectContaining({ message: expect.stringContaining("other options") }),
      ],
    ]);
  });

  it.each([
    ["npy", "train/part-00000.n_tokens.npy", 128],
    ["megatron", "train/part-00000.idx", 34],
  ])(
    "counts the rows of %s by their lengths, which must fill the ids",
    async (format, path, at) => {
      const folder = `flat-${format}`;
      await run(render(`${folder}/`, "--format", format, "--split", "validation=20%"));
      expect((await verified(folder)).totals).toMatchObject({ rows: 2499, findings: 0 });
      const lengths = readFileSync(file(`${folder}/${path}`));
      lengths.writeInt32LE(lengths.readInt32LE(at) + 1, at);
      writeFileSync(file(`${folder}/${path}`), lengths);
      expect((await verified(folder)).found).toEqual([
        expect.objectContaining({ file: path, check: "manifest" }),
        expect.objectContaining({ check: "columns", message: expect.stringContaining("by their") }),
      ]);
    },
  );

  it("says that a run is not finished", async () => {
    mkdirSync(file("nothing"));
    const { code, stderr } = await run(["verify", file("nothing")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("has no manifest.json")]);
  });
});

it("diff and verify compare the rows of a folder with those of a file, or of other parts", async () => {
  const all = ["render", file("data"), "--quiet", "--analysis", "keep"];
  expect((await run([...all, "-o", file("compared.jsonl")])).code).toBe(3);
  expect((await run([...all, "-o", file("larger/"), "--shard-size", "5000rows"])).code).toBe(3);
  const same = await run(["diff", file("whole"), file("larger")]);
  expect([same.code, same.stdout.toString()]).toEqual([0, "2499 rows, no difference\n"]);
  const lines = readFileSync(file("compared.jsonl"), "utf8").split("\n");
  writeFileSync(file("compared.jsonl"), lines.with(1400, lines[1401] ?? "").join("\n"));
  const other = await run(["diff", file("whole"), file("compared.jsonl")]);
  expect([other.code, other.stdout.toString()]).toEqual([4, expect.stringMatching(/^row 1400, /)]);
  const against = ["--against", file("compared.jsonl")];
  const found = await run(["verify", file("larger"), ...against]);
  expect([found.code, found.stdout.toString()]).toEqual([
    4,
    expect.stringContaining('{"row":1400,"check":"against"'),
  ]);
  const source = await run(["verify", file("whole"), "--source", file("data/a.jsonl")]);
  expect([source.code, source.stderr]).toEqual([2, expect.stringContaining("needs one file")]);
});

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
      { conversations: 0, samples: rows, tokens: ids, rejected: 0 },
    ]);
    const { stdout } = await run(["stats", `${file(folder)}/`, "--json"]);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      samples: rows,
      tokens: ids,
      trained: trained_ids,
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
