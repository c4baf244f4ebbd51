import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { file, manifestOf, render } from "./output-folder.ts";
import { run } from "./support.ts";

const verified = async (folder: string) => {
  const { code, stdout } = await run(["verify", file(folder)]);
  const found = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { code, found: found.slice(0, -1), totals: found.at(-1) };
};

describe("verify of a folder", () => {
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

it("takes shares whose files have other shapes for one run, unless the analysis was chosen", async () => {
  mkdirSync(file("shapes"));
  const chat = { messages: [{ role: "assistant", content: "4", reasoning_content: "Easy." }] };
  const harmony = { messages: [{ role: "assistant", content: "4", channel: "final" }] };
  writeFileSync(file("shapes/a.jsonl"), `${JSON.stringify(chat)}\n`.repeat(9));
  writeFileSync(file("shapes/b.jsonl"), `${JSON.stringify(harmony)}\n`.repeat(10));
  const share = (index: number, ...more: string[]) =>
    run(["render", file("shapes"), "-o", file("mixed/"), "--shard", `${index}/2`, ...more]);
  for (const index of [1, 2]) expect((await share(index)).code).toBe(0);
  const shapes = [1, 2].map((index) => Object(manifestOf("mixed", `manifest-${index}of2.json`)));
  expect(shapes.map(({ options }) => options.samples.shape)).toEqual(["chat", "harmony"]);
  expect((await verified("mixed")).found).toEqual([]);
  await share(2, "--analysis", "keep", "--overwrite");
  expect((await verified("mixed")).found).toEqual([
    expect.objectContaining({ message: expect.stringContaining("other options") }),
  ]);
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
