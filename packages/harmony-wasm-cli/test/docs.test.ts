/**
 * The pages of the command line run: every `sh` block, in a folder per page,
 * prints the `text` block after it. Of the two JSON blocks in chat-completions.md,
 * the first is converted to the second.
 */

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { conversationFromChatCompletions } from "harmony-wasm/openai";
import { expect, it } from "vitest";
import { endOf, PROGRAM, scratchFolder } from "./support.ts";

const file = scratchFolder();
const ROOT = new URL("../../../", import.meta.url);
const PAGES = [
  "docs/sft-with-trl.md",
  "docs/megatron-bridge.md",
  "docs/rl-sampled-ids.md",
  "docs/check-your-file.md",
  "docs/run-report.md",
  "packages/harmony-wasm-cli/README.md",
];

mkdirSync(file("bin"));
writeFileSync(file("bin/harmony"), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
chmodSync(file("bin/harmony"), 0o755);

interface Block {
  line: number;
  script: string;
  output: string | undefined;
}

function blocksOf(text: string): Block[] {
  const pattern = /^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;
  return Array.from(text.matchAll(pattern), ({ 1: script = "", 2: output, index }) => {
    return { line: text.slice(0, index).split("\n").length, script, output };
  });
}

it.each(PAGES)("%s", async (page) => {
  const blocks = blocksOf(readFileSync(new URL(page, ROOT), "utf8"));
  expect(blocks.length).toBeGreaterThan(0);
  const cwd = file(page.replaceAll(/\W/g, "-"));
  mkdirSync(cwd);
  const env = { ...process.env, PATH: `${file("bin")}:${process.env.PATH}` };
  for (const { line, script, output } of blocks.filter(
    ({ script: each }) => !each.startsWith("npm "),
  )) {
    const { stdout, stderr, code } = await endOf(spawn("sh", ["-e", "-c", script], { cwd, env }));
    expect([`line ${line}`, code, stderr]).toEqual([
      `line ${line}`,
      0,
      expect.not.stringMatching(/^harmony \w+: (?!the files|\d+ findings?)/m),
    ]);
    if (output !== undefined) expect(stdout.toString()).toBe(output);
  }
});

it("docs/chat-completions.md", () => {
  const page = readFileSync(new URL("docs/chat-completions.md", ROOT), "utf8");
  const [row = "", expected = ""] = Array.from(
    page.matchAll(/^```json\n([\s\S]*?)^```/gm),
    ({ 1: text }) => text,
  );
  const [system, ...messages] = JSON.parse(conversationFromChatCompletions(row)).messages;
  expect(system.role).toBe("system");
  expect(messages).toEqual(JSON.parse(expected));
});
