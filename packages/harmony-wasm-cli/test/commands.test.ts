/** The commands other than render. */

import { readFileSync, writeFileSync } from "node:fs";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { manyRows, run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(60);
const lines = (bytes: Buffer) => bytes.toString().split("\n").slice(0, -1);

beforeAll(async () => {
  writeFileSync(file("in.jsonl"), rows.join("\n"));
  for (const output of ["a.parquet", "a.arrow", "a.jsonl"]) {
    const args = ["render", file("in.jsonl"), "-o", file(output), "--analysis", "keep", "--quiet"];
    expect((await run(args)).code).toBe(0);
  }
});

it("encode and decode are harmony-wasm's", async () => {
  const encoding = loadHarmonyEncodingSync();
  const plain = await run(["encode", "--lines"], { input: "hello\nGrüße aus 東京\n" });
  const expected = ["hello", "Grüße aus 東京"].map((text) =>
    JSON.stringify([...encoding.encode(text)]),
  );
  expect(lines(plain.stdout)).toEqual(expected);
  expect(lines((await run(["decode"], { input: plain.stdout })).stdout)).toEqual([
    "hello",
    "Grüße aus 東京",
  ]);
  const special = await run(["encode", "--text", "<|end|>"]);
  expect([special.code, special.stderr]).toEqual([
    1,
    "harmony encode: Encountered text corresponding to disallowed special token '<|end|>'. Encode it as that token with --special, or with --ordinary as text.\n",
  ]);
  expect((await run(["encode", "--special", "--text", "<|end|>"])).stdout.toString()).toBe(
    "[200007]\n",
  );
  expect((await run(["decode", "--ids", "200007 99999999"])).code).toBe(1);
});

it("count counts what render writes", async () => {
  const { stdout } = await run(["count", file("in.jsonl"), "--analysis", "keep"]);
  const rendered = lines(readFileSync(file("a.jsonl"))).map((line) => JSON.parse(line));
  const ids = rendered.reduce((sum, { n_tokens }) => sum + n_tokens, 0);
  expect(JSON.parse(stdout.toString())).toEqual({
    conversations: 60,
    samples: 60,
    ids,
    rejected: 0,
  });
  expect((await run(["count", "--text"], { input: "hello world" })).stdout.toString()).toBe("2\n");
});

it("parse returns the conversations", async () => {
  for (const input of ["a.parquet", "a.arrow", "a.jsonl"]) {
    const { stdout, code } = await run(["parse", file(input)]);
    expect(code).toBe(0);
    expect(lines(stdout).map((line) => JSON.parse(line))).toEqual(
      rows.map((row) => JSON.parse(row)),
    );
  }
  const broken = await run(["parse"], { input: "[200006, 1428]\n" });
  expect([broken.code, JSON.parse(broken.stdout.toString()).error.code]).toEqual([
    3,
    "parse_failed",
  ]);
});

it("parse --recover accepts any ids, and loses none", async () => {
  const completion = "<|channel|>final Four.<|return|>";
  const encoding = loadHarmonyEncodingSync();
  const ids = [...encoding.encode(completion, { allowedSpecial: "all" })];
  const input = `${JSON.stringify(ids)}\n[999999999]\n`;
  const { stdout, code } = await run(["parse", "--recover"], { input });
  const [first, second] = lines(stdout).map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(first.messages).toEqual([{ role: "assistant", content: "Four.", channel: "final" }]);
  expect(first.recovered).toMatchObject([{ start: 0, end: ids.length }]);
  expect(first.recovered[0].repairs.map(({ code: why }: { code: string }) => why)).toEqual([
    "unfinished_header",
  ]);
  const held = [...second.recovered, ...second.strays].map(({ start, end }) => end - start);
  expect(held.reduce((sum, each) => sum + each, 0)).toBe(1);
});

it("inspect shows the messages of a row and the ids that are trained on", async () => {
  for (const [input, ...flags] of [["in.jsonl", "--analysis", "keep"], ["a.parquet"]] as const) {
    const { stdout } = await run(["inspect", file(input), "--row", "2", ...flags]);
    const shown = stdout.toString();
    expect(shown).toContain("0  user  [0, ");
    expect(shown).toContain("1  assistant on analysis");
    expect(shown).toContain("<|start|>assistant⟦<|channel|>analysis<|message|>It is 2.");
    expect(shown).toMatch(
      /<\|start\|>assistant<\|channel\|>final<\|message\|>[\s\S]*62<\|return\|>⟧/,
    );
  }
  expect((await run(["inspect", file("in.jsonl"), "--row", "99"])).code).toBe(1);
});

describe("verify", () => {
  it("finds nothing in what render wrote", async () => {
    for (const input of ["a.parquet", "a.arrow", "a.jsonl"]) {
      const args = [
        "verify",
        file(input),
        "--source",
        file("in.jsonl"),
        "--against",
        file("a.arrow"),
      ];
      const { stdout, code, stderr } = await run(args);
      expect([stderr, code]).toEqual(["", 0]);
      const found = JSON.parse(stdout.toString());
      expect(found).toEqual({ rows: 60, messages: 180, unparsed: 0, findings: 0 });
    }
  });

  it.each([
    ["a changed id", (row: Row) => row.input_ids.splice(5, 1, 24912), "source"],
    ["an id too few", (row: Row) => row.input_ids.pop(), "columns"],
    [
      "a label where the mask is 0",
      (row: Row) => row.labels.splice(0, 1, row.input_ids[0] ?? 0),
      "columns",
    ],
    ["a header without a message", (row: Row) => row.input_ids.splice(2, 1, 200007), "parse"],
    [
      "a changed mask",
      (row: Row) => {
        row.loss_mask.fill(0);
        row.labels.fill(-100);
      },
      "source",
    ],
  ])("finds %s", async (_name, change, check) => {
    const changed = lines(readFileSync(file("a.jsonl"))).map((line) => JSON.parse(line));
    change(changed[7]);
    writeFileSync(file("changed.jsonl"), changed.map((row) => `${JSON.stringify(row)}\n`).join(""));
    writeFileSync(file("changed.jsonl.meta.json"), readFileSync(file("a.jsonl.meta.json")));
    const { stdout, code } = await run([
      "verify",
      file("changed.jsonl"),
      "--source",
      file("in.jsonl"),
    ]);
    const found = lines(stdout)
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    expect(code).toBe(4);
    expect(found.map((finding) => [finding.row, finding.check])).toContainEqual([7, check]);
  });
});

it.each([
  ["shifted", (labels: number[]) => [...labels.slice(1), -100]],
  ["of other ids", (labels: number[]) => labels.map((label) => (label === -100 ? label : 5))],
])("verify finds labels %s in a file without a mask, also packed", async (_name, changed) => {
  const output = file("labels.jsonl");
  for (const flags of [[], ["--pack", "512"]]) {
    const args = ["render", file("in.jsonl"), "-o", output, "--overwrite", "--quiet", ...flags];
    const columns = flags.length === 0 ? "input_ids,labels" : "input_ids,labels,seq_start_id";
    expect((await run([...args, "--columns", columns])).code).toBe(0);
    expect((await run(["verify", output])).code).toBe(0);
    const rows = lines(readFileSync(output)).map((line) => JSON.parse(line));
    rows[0].labels = changed(rows[0].labels);
    writeFileSync(output, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { stdout, code } = await run(["verify", output]);
    expect(code).toBe(4);
    expect(JSON.parse(lines(stdout)[0] ?? "")).toMatchObject({
      row: 0,
      check: "columns",
      message: expect.stringContaining("expected the id or -100"),
    });
  }
});

const CUT = ["--truncation", "cut", "--mask-roles", "user,assistant"];

it.each([
  ["prompts", ["--for", "completion"]],
  ["packed prompts", ["--for", "completion", "--pack", "512", "--pad", "<|endoftext|>"]],
  ["samples that are cut", ["--max-length", "13", ...CUT]],
  ["packed samples that are cut", ["--pack", "13", ...CUT]],
])("verify finds nothing in %s, but a row without a start", async (_name, flags) => {
  const output = file("ended.jsonl");
  const args = ["render", file("in.jsonl"), "-o", output, "--overwrite", "--quiet", ...flags];
  expect((await run(args)).code).toBe(0);
  const { stdout } = await run(["verify", output]);
  expect(JSON.parse(stdout.toString())).toMatchObject({ findings: 0 });
  const changed = lines(readFileSync(output)).map((line) => JSON.parse(line));
  changed[1].input_ids[0] = 24912;
  writeFileSync(output, changed.map((row) => `${JSON.stringify(row)}\n`).join(""));
  expect((await run(["verify", output])).stdout.toString()).toContain('{"row":1,"check":"parse"');
});

it.each([
  "input_ids",
  "input_ids,labels,seq_lengths",
  "input_ids,seq_start_id",
  "input_ids,n_tokens",
])("verify takes padding for no message in rows of %s", async (columns) => {
  const output = file("padded.parquet");
  const args = ["render", file("in.jsonl"), "-o", output, "--overwrite", "--quiet"];
  const packs = ["--pack", "700", "--pad", "<|endoftext|>", "--columns", columns];
  expect((await run([...args, ...packs])).code).toBe(0);
  const { stdout } = await run(["verify", output]);
  expect(JSON.parse(stdout.toString())).toMatchObject({ messages: 120, findings: 0 });
});

it("verify takes for padding what an attention mask leaves out, in a file from elsewhere", async () => {
  const rows = lines(readFileSync(file("a.jsonl"))).map((line) => JSON.parse(line));
  const padded = rows.map(({ input_ids: ids }: Row) => ({
    input_ids: [...ids, 199999, 199999],
    attention_mask: [...ids.map(() => 1), 0, 0],
  }));
  const verified = async (given: readonly object[]) => {
    const input = given.map((row) => `${JSON.stringify(row)}\n`).join("");
    const { stdout } = await run(["verify", "-"], { input });
    return JSON.parse(lines(stdout).at(-1) ?? "");
  };
  expect(await verified(padded)).toMatchObject({ rows: 60, findings: 0 });
  const unmasked = padded.map(({ input_ids }) => ({ input_ids }));
  expect(await verified(unmasked)).toMatchObject({ rows: 60, findings: 60 });
});

interface Row {
  input_ids: number[];
  labels: number[];
  loss_mask: number[];
}

it("diff shows the first difference", async () => {
  expect((await run(["diff", file("a.parquet"), file("a.jsonl")])).stdout.toString()).toContain(
    "60 rows, no difference",
  );
  const ids = lines(readFileSync(file("a.jsonl"))).map((line) => JSON.parse(line).input_ids);
  ids[3][4] = 24912;
  writeFileSync(
    file("theirs.jsonl"),
    ids.map((row) => `${JSON.stringify({ ids: row })}\n`).join(""),
  );
  const { stdout, code } = await run([
    "diff",
    file("a.parquet"),
    file("theirs.jsonl"),
    "--other-column",
    "ids",
  ]);
  expect([code, stdout.toString()]).toEqual([4, expect.stringContaining("row 3, position 4")]);
  const shorter = await run(["diff", file("a.parquet"), "-"], {
    input: JSON.stringify(JSON.parse(lines(readFileSync(file("a.jsonl")))[0] ?? "")),
  });
  expect(shorter.stdout.toString()).toContain("has ended");
});

it("stats of conversations and of their rendered file are the same", async () => {
  const of = async (...args: string[]) =>
    JSON.parse((await run(["stats", "--json", ...args])).stdout.toString());
  const conversations = await of(file("in.jsonl"), "--analysis", "keep");
  expect(await of(file("a.parquet"))).toEqual(conversations);
  const lengths = lines(readFileSync(file("a.jsonl")))
    .map((line) => JSON.parse(line).n_tokens)
    .sort((a, b) => a - b);
  expect(Object.keys(conversations.quantiles)).toEqual([
    "p0",
    "p5",
    "p25",
    "p50",
    "p75",
    "p95",
    "p99",
    "p100",
  ]);
  const { p0, p100 } = conversations.quantiles;
  expect([p0, p100]).toEqual([lengths[0], lengths.at(-1)]);
  expect(conversations.kinds["assistant final"].messages).toBe(60);
  expect(
    conversations.histogram.reduce((sum: number, bin: { samples: number }) => sum + bin.samples, 0),
  ).toBe(60);
  const tables = await run(["stats", file("a.parquet")]);
  expect(tables.stdout.toString()).toMatch(/assistant analysis[\s\S]*█/);
});

it("inspect and stats read rendered rows from stdin as from a file", async () => {
  const input = readFileSync(file("a.jsonl"));
  for (const args of [
    ["inspect", "--row", "3", "--ids"],
    ["stats", "--json"],
  ]) {
    const [command = "", ...flags] = args;
    const fromFile = await run([command, file("a.jsonl"), ...flags]);
    const fromStdin = await run([command, "-", ...flags], { input });
    expect([fromStdin.code, fromStdin.stdout.toString()]).toEqual([0, fromFile.stdout.toString()]);
    const conversations = await run([command, "-", ...flags, "--analysis", "keep"], {
      input: rows.join("\n"),
    });
    expect(conversations.stdout.toString()).toBe(fromFile.stdout.toString());
  }
});

it("stats of bare ids does not know which are trained on", async () => {
  const input = "[200006,200007]\n";
  const { stdout } = await run(["stats", "--json"], { input });
  expect(JSON.parse(stdout.toString())).toMatchObject({ samples: 1, ids: 2, trained_ids: null });
  const shown = await run(["stats"], { input });
  expect(shown.stdout.toString()).toContain("1 sample, 2 ids, training unknown, 0 rejected");
});
