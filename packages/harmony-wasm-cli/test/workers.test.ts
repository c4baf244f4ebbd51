/** Commands that read many rows give the same answer for any number of threads. */

import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
/** More than two batches, the last one short. */
const ROWS = 2500;
const rows = manyRows(ROWS).with(
  1700,
  JSON.stringify({ messages: [{ role: "nobody", content: "" }] }),
);
const OUTPUTS = ["a.parquet", "a.arrow", "a.jsonl"];

beforeAll(async () => {
  writeFileSync(file("in.jsonl"), rows.map((row) => `${row}\n`).join(""));
  for (const output of OUTPUTS) {
    const args = ["render", file("in.jsonl"), "-o", file(output), "--quiet", "--analysis", "keep"];
    expect((await run(args)).code).toBe(3);
  }
});

function renderedLines(): { input_ids: number[]; source_row: number }[] {
  const lines = readFileSync(file("a.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** The output of a command with one thread, which more threads must repeat. */
async function repeated(args: readonly string[]): Promise<string> {
  const [one, ...others] = await Promise.all(
    ["1", "3"].map((workers) => run([...args, "--workers", workers])),
  );
  for (const other of others) expect(other).toEqual(one);
  return one?.stdout.toString() ?? "";
}

it("count --each counts the ids of every row", async () => {
  const shown = await repeated(["count", file("in.jsonl"), "--each", "--analysis", "keep"]);
  const counts = shown.trimEnd().split("\n");
  const expected = renderedLines().map(({ input_ids, source_row }) =>
    JSON.stringify({ row: source_row, lengths: [input_ids.length] }),
  );
  expect(counts.filter((line) => !line.includes("error"))).toEqual(expected);
  expect(JSON.parse(counts[1700] ?? "")).toMatchObject({
    row: 1700,
    error: { code: "unknown_role" },
  });
});

it("count sums up all rows", async () => {
  const total = JSON.parse(await repeated(["count", file("in.jsonl"), "--analysis", "keep"]));
  const ids = renderedLines().reduce((sum, { input_ids }) => sum + input_ids.length, 0);
  expect(total).toEqual({ conversations: ROWS, samples: ROWS - 1, ids, rejected: 1 });
});

it("count and stats read several files as one", async () => {
  writeFileSync(file("part-0.jsonl"), rows.slice(0, 1200).join("\n"));
  writeFileSync(file("part-1.jsonl"), rows.slice(1200).join("\n"));
  const parts = [file("part-[01].jsonl"), "--analysis", "keep"];
  const whole = [file("in.jsonl"), "--analysis", "keep"];
  for (const command of [["count"], ["stats", "--json"]]) {
    const [one, several] = await Promise.all(
      [whole, parts].map((input) => run([...command, ...input])),
    );
    expect(several).toEqual({ ...one, stderr: several?.stderr });
  }
  const each = (await run(["count", "--each", ...parts])).stdout.toString().split("\n");
  expect(JSON.parse(each[1300] ?? "")).toMatchObject({ file: file("part-1.jsonl"), row: 100 });
});

it.each(OUTPUTS)("stats of %s are those of the conversations", async (output) => {
  const input = [file("in.jsonl"), "--analysis", "keep"];
  const conversations = JSON.parse(await repeated(["stats", "--json", ...input]));
  const rendered = JSON.parse(await repeated(["stats", "--json", file(output)]));
  expect(rendered).toEqual({ ...conversations, rejected: 0 });
  expect(conversations.rejected).toBe(1);
});

it.each(OUTPUTS)("verify checks every row of %s, also against its source", async (output) => {
  const other = file(output === "a.jsonl" ? "a.parquet" : "a.jsonl");
  const flags = ["--source", file("in.jsonl"), "--against", other];
  const found = JSON.parse(await repeated(["verify", file(output), ...flags]));
  const count = ROWS - 1;
  expect(found).toEqual({ rows: count, messages: 3 * count, unparsed: 0, findings: 0 });
});

describe("an error in a later batch", () => {
  beforeAll(() => {
    const changed = renderedLines();
    changed[2100]?.input_ids.splice(4, 1, 24912);
    changed[2200]?.input_ids.splice(2, 1, 200007);
    writeFileSync(file("changed.jsonl"), changed.map((row) => JSON.stringify(row)).join("\n"));
    const meta = readFileSync(file("a.jsonl.meta.json"));
    writeFileSync(file("changed.jsonl.meta.json"), meta);
    const lines = changed.map((row) => JSON.stringify(row.input_ids));
    writeFileSync(file("wrong.jsonl"), lines.with(2300, "[1,2.5]").join("\n"));
  });

  it("is found by verify in its row", async () => {
    const flags = ["--source", file("in.jsonl"), "--against", file("a.parquet")];
    const shown = await repeated(["verify", file("changed.jsonl"), ...flags]);
    const findings = shown.trimEnd().split("\n").slice(0, -1);
    const places = findings.map((line) => JSON.parse(line)).map(({ row, check }) => [row, check]);
    expect(places).toContainEqual([2100, "against"]);
    expect(places).toContainEqual([2101, "source"]);
    expect(places).toContainEqual([2200, "parse"]);
  });

  it("is shown by diff", async () => {
    const shown = await repeated(["diff", file("a.parquet"), file("changed.jsonl")]);
    expect(shown).toContain("row 2100, position 4");
  });

  it("is a line of parse, in its place", async () => {
    const lines = (await repeated(["parse", file("changed.jsonl")])).trimEnd().split("\n");
    expect(lines).toHaveLength(ROWS - 1);
    expect(JSON.parse(lines[1] ?? "").messages).toHaveLength(3);
    const { row, error } = JSON.parse(lines[2200] ?? "");
    expect([row, error.code]).toEqual([2200, "parse_failed"]);
  });

  it.each(["verify", "parse", "stats"])("stops %s with its row", async (command) => {
    for (const workers of ["1", "3"]) {
      const args = [command, file("wrong.jsonl"), "--workers", workers];
      const { code, stderr } = await run(args);
      const message = `row 2300: "input_ids[1]" expected a token id, got 2.5`;
      expect([code, stderr]).toEqual([
        1,
        `harmony ${command}: ${file("wrong.jsonl")}, ${message}\n`,
      ]);
    }
  });
});
