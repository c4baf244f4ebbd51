/** Rows of an input: their shapes, and those that are hostile or empty. */

import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { manyRows, run, scratchFolder, usual } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(1);
const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

it.each([
  [
    "ShareGPT",
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b" },
      ],
    },
  ],
  ["TRL's prompt and completion", { prompt: [user("a")], completion: [assistant("b")] }],
  ["messages as JSON text", { messages: JSON.stringify([user("a"), assistant("b")]) }],
])("reads %s without a flag", async (_, row) => {
  const flags = ["--no-system-message", ...usual];
  const found = await run(["render", "-", ...flags], { input: JSON.stringify(row) });
  const chat = JSON.stringify({ messages: [user("a"), assistant("b")] });
  const expected = await run(["render", "-", "--shape", "chat", ...flags], { input: chat });
  expect([found.code, found.stderr]).toEqual([0, ""]);
  expect(found.stdout.toString()).toBe(expected.stdout.toString());
});

it.each([
  ["the input of the Responses API", { input: [user("a")] }],
  ["an instruction of Alpaca", { instruction: "a", output: "b" }],
  ["preference data", { chosen: [], rejected: [] }],
])("names the shape of rows that it does not read: %s", async (shape, row) => {
  const { code, stderr } = await run(["render", "-", ...usual], { input: JSON.stringify(row) });
  expect([code, stderr]).toEqual([2, expect.stringContaining(shape)]);
});

it.each([
  [
    "mixed shapes",
    '{"messages":[{"role":"user","channel":"x","content":""}]}\n{"messages":[],"tools":[1]}',
    /row 0 has messages\[0\]\.channel|and row 0 has messages/,
  ],
  ["a shape without a sign", '{"messages":[{"role":"user","content":""}]}', /no row has a field/],
])("does not guess at %s", async (_name, input, message) => {
  const { code, stderr } = await run(["render", "-", ...usual], { input });
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it.each([
  ["<think>hm</think>b", "has a chain of thought in tags (<think>): pass --think-tags to read it"],
  [
    "a <|end|>",
    "contains <|end|>, which looks like a special token: pass --allow-markup to render",
  ],
])("names the flag that reads %s", async (answer, message) => {
  const input = JSON.stringify({ messages: [user("a"), assistant(answer)] });
  const { code, stderr } = await run(["render", "-", "--shape", "chat", ...usual], { input });
  expect([code, stderr]).toEqual([3, expect.stringContaining(message)]);
});

it("rejects hostile rows, and renders the rows between them", async () => {
  const good = rows[0] ?? "";
  const parameters = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  const tool = `{"name":"f","description":"","parameters":${parameters}}`;
  const deep = `{"messages":[{"role":"developer","content":[{"type":"developer_content","tools":{"f":{"name":"f","tools":[${tool}]}}}]}]}`;
  const hostile: [Buffer, string][] = [
    [Buffer.from("nothing"), "invalid_json"],
    [Buffer.from('{"messages":'), "invalid_json"],
    [Buffer.from("null"), "invalid_conversation"],
    [Buffer.from('{"messages":[{"role":"robot","content":""}]}'), "unknown_role"],
    [Buffer.from([0x22, 0xff, 0xfe, 0x22]), "invalid_utf8"],
    [Buffer.from(deep), "too_deep"],
    [Buffer.from('{"messages":[{"role":"user","content":"\\ud800"}]}'), "invalid_json"],
    [Buffer.from('{"messages":[{"role":"user","content":"\u0000"}]}'), "invalid_json"],
    [Buffer.from('{"messages":[{"role":"tool","content":"no name"}]}'), "render_failed"],
    [Buffer.from('{"messages":[{"role":"user","content":"","train":1}]}'), "invalid_conversation"],
  ];
  const lines = hostile.flatMap(([bad]) => [Buffer.from(good), bad, Buffer.from("")]);
  writeFileSync(
    file("hostile.jsonl"),
    Buffer.concat(lines.flatMap((line) => [line, Buffer.of(10)])),
  );
  const args = [
    "render",
    file("hostile.jsonl"),
    "-o",
    file("hostile.jsonl.out.jsonl"),
    "--shape",
    "harmony",
  ];
  const { code, stderr } = await run(args);
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining(`${hostile.length} rows were rejected`),
  ]);
  const out = readFileSync(file("hostile.jsonl.out.jsonl"), "utf8").split("\n").slice(0, -1);
  expect(out.map((line) => JSON.parse(line).source_row)).toEqual(hostile.map((_, at) => at * 3));
  const rejected = readFileSync(file("hostile.jsonl.out.jsonl.rejected.jsonl"), "utf8");
  const found = rejected
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(found.map(({ row, code: why }) => [row, why])).toEqual(
    hostile.map(([, why], at) => [at * 3 + 1, why]),
  );
  const bytes = found.map(({ line, line_base64 }) =>
    line_base64 ? Buffer.from(line_base64, "base64") : Buffer.from(line),
  );
  expect(bytes.map((each) => each.toString("latin1").trimEnd())).toEqual(
    hostile.map(([bad]) => bad.toString("latin1")),
  );
});

it.each([
  ["harmony", "[]"],
  ["harmony", '{"messages": []}'],
  ["chat", '{"messages": []}'],
])("a conversation without messages becomes no row: %s %s", async (shape, empty) => {
  const full = JSON.stringify({ messages: [{ role: "user", content: "hi" }] });
  for (const flags of [[], ["--pack", "128"], ["--for", "completion"]]) {
    const args = ["render", "-", "-o", "-", "--shape", shape, "--quiet", "--format", "jsonl"];
    const ended = await run([...args, ...flags], { input: `${empty}\n${full}\n` });
    expect([ended.code, ended.signal]).toEqual([3, null]);
    expect(JSON.parse(ended.stderr.split("\n")[0] ?? "")).toMatchObject({
      row: 0,
      code: "empty_conversation",
      line: empty,
    });
    const { source_row, source_rows, n_tokens } = JSON.parse(ended.stdout.toString());
    expect(source_rows ?? [source_row]).toEqual([1]);
    expect(n_tokens).toBeGreaterThan(0);
  }
});
