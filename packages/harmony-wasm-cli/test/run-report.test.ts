/**
 * The report of a run: its numbers are those that the test counts in the output,
 * it fits its schema, and names of the data do no harm in the page.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const SCHEMA = new URL("../../../docs/run-report.schema.json", import.meta.url);
const schema = JSON.parse(readFileSync(SCHEMA, "utf8"));
const HOSTILE = `</script><script>alert("x")</script><img src=x onerror='alert(1)'>`;

const user = { role: "user", content: "2 + 2?" };
const thought = { role: "assistant", channel: "analysis", content: "Easy." };
const call = {
  role: "assistant",
  channel: "commentary",
  recipient: `functions.${HOSTILE.replaceAll(/\s/g, "")}`,
  content: "{}",
};
const final = (content: string) => ({ role: "assistant", channel: "final", content });
const ROWS: unknown[] = Array.from({ length: 3000 }, (_, row) => ({
  messages: [user, thought, ...(row % 3 === 0 ? [call] : []), final("word ".repeat(row % 97))],
}));
ROWS[1500] = { messages: [user, final("word ".repeat(5000))] };
ROWS[10] = { messages: [{ role: HOSTILE, content: "" }] };
ROWS[2000] = { messages: [{ role: "other", content: "" }] };
ROWS[20] = { messages: [user, { ...final("x"), channel: HOSTILE }], [HOSTILE]: 1 };

const input = () => file(`${HOSTILE.replaceAll(/[^<>="']/g, "")}.jsonl`);
const args = (name: string, ...flags: string[]) => [
  ...["render", input(), "-o", file(name), "--quiet", "--shape", "harmony", "--analysis", "keep"],
  ...["--report", file(`${name}.report.json`), "--report", file(`${name}.report.html`), ...flags],
];

function reportAt(name: string) {
  const report = JSON.parse(readFileSync(file(`${name}.report.json`), "utf8"));
  const isValid = new Ajv2020({ allErrors: true }).compile(schema);
  expect([isValid(report), isValid.errors]).toEqual([true, null]);
  return report;
}

interface Row {
  input_ids: number[];
  loss_mask: number[];
  spans: {
    role: string;
    channel: string | null;
    recipient: string | null;
    start: number;
    end: number;
  }[];
}

let rows: Row[] = [];

beforeAll(async () => {
  writeFileSync(input(), `${ROWS.map((row) => JSON.stringify(row)).join("\n")}\n{\n`);
  expect((await run(args("out.jsonl", "--workers", "2"))).code).toBe(3);
  const lines = readFileSync(file("out.jsonl"), "utf8").split("\n").slice(0, -1);
  rows = lines.map((line) => JSON.parse(line));
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

describe("the data", () => {
  it("has the counts and lengths of the rows", () => {
    const { counts, lengths, splits, packed } = reportAt("out.jsonl");
    const each = rows.map(({ input_ids }) => input_ids.length).sort((one, other) => one - other);
    expect(counts).toEqual({
      conversations: 3001,
      rows: rows.length,
      ids: sum(each),
      trained_ids: sum(rows.map(({ loss_mask }) => sum(loss_mask))),
      rejected: 3,
      dropped: 0,
      duplicates: null,
      broken_calls: 0,
    });
    const at = (share: number) => each[Math.ceil(share * each.length) - 1];
    const mean = Number((sum(each) / each.length).toFixed(1));
    const quantiles = { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
    const { histogram, ...rest } = lengths;
    expect(rest).toEqual({
      count: rows.length,
      mean,
      min: each[0],
      ...quantiles,
      max: each.at(-1),
    });
    expect(histogram.length).toBeGreaterThan(10);
    for (const { from, to, count } of histogram) {
      expect(count).toBe(each.filter((length) => from <= length && length <= to).length);
    }
    expect([splits, packed]).toEqual([null, null]);
  });

  it("has the messages by role and channel, and the recipients", () => {
    const { messages, recipients } = reportAt("out.jsonl");
    const spans = rows.flatMap(({ spans: own, loss_mask }) =>
      own.map((span) => ({ ...span, trained: sum(loss_mask.slice(span.start, span.end)) })),
    );
    for (const { role, channel, messages: count, ids, trained_ids } of messages) {
      const own = spans.filter((span) => span.role === role && (span.channel ?? null) === channel);
      expect([count, ids, trained_ids]).toEqual([
        own.length,
        sum(own.map(({ start, end }) => end - start)),
        sum(own.map(({ trained }) => trained)),
      ]);
    }
    expect(sum(messages.map((each: { messages: number }) => each.messages))).toBe(spans.length);
    const calls = spans.filter((span) => (span.recipient ?? "") !== "");
    expect(recipients).toEqual([{ recipient: call.recipient, messages: calls.length }]);
  });
});

describe("the data", () => {
  it("has an example of each reason, and the inputs", () => {
    const { rejected, inputs, left_out } = reportAt("out.jsonl");
    expect(rejected).toEqual([
      {
        code: "unknown_role",
        path: "messages[].role",
        rows: 2,
        example: {
          file: input(),
          row: 10,
          message: expect.any(String),
          line: JSON.stringify(ROWS[10]),
        },
      },
      { code: "invalid_json", path: "", rows: 1, example: expect.objectContaining({ row: 3000 }) },
    ]);
    expect(inputs).toEqual([{ name: input(), bytes: readFileSync(input()).length }]);
    expect(left_out.analysis_messages_left_out).toBe(0);
  });

  it("is the same for any number of workers, and says what policies left out", async () => {
    await run(args("one.jsonl", "--workers", "1"));
    const text = readFileSync(file("one.jsonl.report.json"), "utf8");
    const expected = readFileSync(file("out.jsonl.report.json"), "utf8");
    expect(text.replaceAll(file("one"), file("out"))).toBe(expected);
    const flags = ["--analysis", "upstream", "--max-length", "60", "--truncation", "drop-sample"];
    await run(args("less.jsonl", ...flags, "--pack", "128"));
    const { left_out, packed, counts, options } = reportAt("less.jsonl");
    expect(left_out.analysis_messages_left_out).toBeGreaterThan(1000);
    expect(left_out.conversations_dropped).toBe(counts.dropped);
    expect(counts.dropped).toBeGreaterThan(0);
    expect(packed.max).toBeLessThanOrEqual(128);
    expect(options.pack.length).toBe(128);
  });
});

it("has no markup of the data in the page, loads nothing, and runs nothing", async () => {
  const page = readFileSync(file("out.jsonl.report.html"), "utf8");
  expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)");
  const tags = Array.from(page.matchAll(/<[^>]*>/g), ([tag]) => tag);
  expect(tags.length).toBeGreaterThan(100);
  for (const tag of tags) {
    expect(tag).not.toMatch(/^<\/?(?:script|img|link|iframe|object|base|form)\b/i);
    expect(tag).not.toMatch(/\s(?:on\w+|src|href|action)\s*=/i);
  }
  expect(page).toContain(`content="default-src &#39;none&#39;`);
});

it("refuses a report that exists, is the input or the output, or has no kind", async () => {
  const again = await run([...args("out.jsonl"), "--resume"]);
  expect(again.stderr).toContain("is finished");
  const base = ["render", input(), "--quiet", "--shape", "harmony"];
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await run([...base, ...flags]);
    return [code, stderr.split("\n")[0]];
  };
  const there = file("out.jsonl.report.json");
  expect(await refused("-o", file("x.jsonl"), "--report", there)).toEqual([
    2,
    `harmony render: --report: ${there} exists; --overwrite replaces it`,
  ]);
  writeFileSync(file("in.json"), JSON.stringify(ROWS[0]));
  const self = ["render", file("in.json"), "-o", file("x.jsonl"), "--report", file("in.json")];
  expect((await run([...self, "--overwrite"])).stderr).toContain("would replace the input");
  expect(await refused("-o", file("y.json"), "--report", file("y.json"))).toEqual([
    2,
    expect.stringContaining("is the output; choose another path"),
  ]);
  expect(await refused("-o", file("y.jsonl"), "--report", file("y.txt"))).toEqual([
    2,
    expect.stringContaining("expected a path that ends with .html or .json"),
  ]);
});

it("describes every field of the schema on its page", () => {
  const page = readFileSync(new URL("../../../docs/run-report.md", import.meta.url), "utf8");
  const names = new Set<string>();
  JSON.stringify(schema, (_, value) => {
    for (const name of Object.keys(value?.properties ?? {})) names.add(name);
    return value;
  });
  expect(names.size).toBeGreaterThan(30);
  for (const name of names) expect(page).toContain(`\`${name}\``);
});
