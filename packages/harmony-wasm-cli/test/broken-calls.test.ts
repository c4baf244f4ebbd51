/** Calls whose arguments are not JSON are rendered, counted and reported, with the row of the first. */

import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();

const chatRow = (...calls: string[]) => ({
  messages: [
    { role: "user", content: "Weather?" },
    {
      role: "assistant",
      tool_calls: calls.map((text, index) => ({
        id: `call_${index}`,
        type: "function",
        function: { name: "weather", arguments: text },
      })),
    },
  ],
});

const harmonyRow = (content_type: string, content: string, recipient = "functions.weather") => ({
  messages: [{ role: "assistant", channel: "commentary", recipient, content_type, content }],
});

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

beforeAll(() => {
  writeFileSync(file("chat.jsonl"), lines([chatRow("{}", '{"a": 1}'), chatRow("{bad", "", "{}")]));
  const json = "<|constrain|>json";
  writeFileSync(
    file("harmony.jsonl"),
    lines([
      harmonyRow("code", "print(1)", "python"),
      harmonyRow(json, "[1"),
      harmonyRow(json, "[]"),
    ]),
  );
  writeFileSync(file("good.jsonl"), lines([chatRow("{}")]));
});

it.each([
  ["chat.jsonl", 2, "2 calls have", 1],
  ["harmony.jsonl", 1, "1 call has", 1],
])("%s", async (input, calls, said, row) => {
  const report = file(`${input}.report.json`);
  const { code, stderr } = await run([
    ...["render", file(input), "-o", file(`out.${input}`), "--quiet"],
    ...["--workers", "1", "--report", report],
  ]);
  const place = `${file(input)}, row ${row}`;
  const message = `${said} arguments that are not JSON, rendered as they are; first ${place}\n`;
  expect([code, stderr]).toEqual([0, `harmony render: ${message}`]);
  expect(JSON.parse(readFileSync(report, "utf8")).counts.broken_calls).toBe(calls);
});

it("counts a call once that several samples have", async () => {
  const { stderr } = await run([
    ...["render", file("chat.jsonl"), "-o", "-", "--quiet", "--analysis", "per-turn"],
  ]);
  expect(stderr).toContain("2 calls have arguments");
});

it("does not count a call that truncation cut, or one with JSON", async () => {
  const cut = ["--max-length", "30", "--truncation", "cut", "--no-system-message"];
  for (const [input, flags] of [
    ["good.jsonl", []],
    ["good.jsonl", cut],
  ] as const) {
    const { code, stderr } = await run(["render", file(input), "-o", "-", "--quiet", ...flags]);
    expect([code, stderr]).toEqual([0, ""]);
  }
});
