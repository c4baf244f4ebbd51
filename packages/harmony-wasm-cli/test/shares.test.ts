/** The runs of `--shard` together, and their manifests. */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { file, manifestOf, parquetRows } from "./output-folder.ts";
import { manyRows, run } from "./support.ts";

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
