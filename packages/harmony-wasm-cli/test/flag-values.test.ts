/** Values of flags: one out of range is refused with the flag's name, before anything is written. */

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const harmony = '{"messages":[{"role":"assistant","channel":"final","content":"a"}]}\n';
const chat = '{"messages":[{"role":"user","content":"a"}],"reasoning_effort":"low"}\n';

beforeAll(() => {
  writeFileSync(file("harmony.jsonl"), harmony);
  writeFileSync(file("chat.jsonl"), chat);
  writeFileSync(file("empty.jsonl"), "");
});

const ended = async (words: string) => {
  const { code, stderr } = await run(words.split(" "), { cwd: file(".") });
  return [code, stderr.split("\n")[0]];
};

const OF_IDS = "Expected a whole number from 1 to 4294967295.";
const OF_PACKS = "Expected a whole number from 1 to 16777216.";
const OF_ROWS = "Expected a whole number from 0 to 9007199254740991.";
const OF_SHARES = "Expected a share such as 1/8";
const OF_SIZES = "Expected a whole number of KB, MB";

it.each([
  ["--pack", ["0", "-1", "1.5", "1e3", "0x10", "16777217", "9".repeat(20)], OF_PACKS],
  ["--max-length", ["0", "-1", "1e30", "4294967296"], OF_IDS],
  [
    "--workers",
    ["0", "1.5", "1e3", "1025", "4294967295"],
    "Expected a whole number from 1 to 1024.",
  ],
  ["--max-rejected", ["-1", "1.5", "1e3", "0x10", "9".repeat(20)], OF_ROWS],
  ["--shard-size", ["0MB", "1.5GB", "1e3rows", `${"9".repeat(20)}rows`, "9999999999GB"], OF_SIZES],
  ["--dedupe-memory", ["0GB", "9999999999GB"], OF_SIZES],
  [
    "--shard",
    ["0/2", "3/2", "1/0", "1/4294967296", `${"9".repeat(20)}/${"9".repeat(20)}`],
    OF_SHARES,
  ],
  ["--split", ["a=0", "a=-1", "a=0x10%", "a=1e30", "a="], "--split: expected a name and a share"],
  ["--weight", ["a=0", "a=-1", "a=1e3", "a=0x10", "a="], "Expected inputs and a number above 0"],
  [
    "--conversation-date",
    ["yesterday", "2026-02-30", "2026-1-1", "2026-01-01T00:00"],
    "YYYY-MM-DD",
  ],
  ["--knowledge-cutoff", ["June", "2024", "2024-13", "2024-6"], "YYYY-MM or YYYY-MM-DD"],
])(
  "render refuses wrong values of %s, and leaves nothing behind",
  async (flag, values, message) => {
    for (const value of values) {
      const found = await ended(`render chat.jsonl -o out/x.jsonl --shape chat ${flag}=${value}`);
      expect([value, ...found]).toEqual([value, 2, expect.stringContaining(message)]);
    }
    expect(existsSync(file("out"))).toBe(false);
  },
);

it.each(["250000", "4294967296", "-1", "1.5", "0x10", "<|ned|>", "201089"])(
  "--pad %s is not a token",
  async (pad) => {
    const found = await ended(`render harmony.jsonl -o pad.jsonl --pack 64 --pad ${pad}`);
    expect(found).toEqual([2, expect.stringContaining(`special token, got "${pad}"`)]);
    expect(readdirSync(file(".")).filter((name) => name.includes("pad"))).toEqual([]);
  },
);

it("--pad and --pack accept tokens and the largest length", async () => {
  for (const words of ["--pack 64 --pad 0", "--pack 64 --pad <|endoftext|>", "--pack 16777216"]) {
    const found = await ended(`render harmony.jsonl -o ok.jsonl --overwrite --quiet ${words}`);
    expect([words, ...found]).toEqual([words, 0, ""]);
  }
});

it("--max-length accepts the largest number of ids", async () => {
  for (const truncation of ["reject", "drop-sample", "drop-oldest-turns", "cut"]) {
    const words = `--max-length 4294967295 --truncation ${truncation}`;
    expect(await ended(`render harmony.jsonl -o - --quiet ${words}`)).toEqual([0, ""]);
  }
});

it("dates that are ones reach the system message", async () => {
  const { stdout } = await run(
    [
      ...["render", "chat.jsonl", "-o", "-", "--shape", "chat", "--columns", "input_ids"],
      ...["--conversation-date", "2028-02-29", "--knowledge-cutoff", "2025-11", "--quiet"],
    ],
    { cwd: file(".") },
  );
  const { stdout: text } = await run(["decode"], { input: stdout });
  expect(text.toString()).toContain("Knowledge cutoff: 2025-11\nCurrent date: 2028-02-29\n");
});

describe("options of chat rows", () => {
  const options = [
    ["--no-system-message"],
    ["--reasoning-effort", "high"],
    ["--conversation-date", "2026-01-01"],
    ["--knowledge-cutoff", "2024-06"],
    ["--model-identity", "Bob"],
    ["--think-tags"],
    ["--allow-markup"],
    ["--simplify-schemas"],
  ];
  const refusal = (flag = "") => `harmony.jsonl: ${flag} requires rows of Chat Completions`;

  it("are refused by name for rows that have harmony's shape", async () => {
    for (const flag of options) {
      const found = await ended(["count", "harmony.jsonl", ...flag].join(" "));
      expect(found).toEqual([2, expect.stringContaining(refusal(flag[0]))]);
    }
  });

  it.each(["stats", "inspect", "render -o x.jsonl"])("are refused by %s", async (command) => {
    const found = await ended(`${command} harmony.jsonl --reasoning-effort high`);
    expect(found).toEqual([2, expect.stringContaining(refusal("--reasoning-effort"))]);
    expect(readdirSync(file(".")).filter((name) => name.includes("x.jsonl"))).toEqual([]);
  });

  it("are refused for one file of several, before the others are rendered", async () => {
    const found = await ended("render chat.jsonl harmony.jsonl -o both/ --allow-markup");
    expect(found).toEqual([2, expect.stringContaining(refusal("--allow-markup"))]);
    expect(existsSync(file("both"))).toBe(false);
  });

  it("are accepted beside a file without rows", async () => {
    const found = await ended(
      "render empty.jsonl chat.jsonl -o some/ --allow-markup --quiet --for completion",
    );
    expect(found).toEqual([0, ""]);
  });
});
