/** The help: groups, and examples whose commands and flags exist. */

import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { endOf, PROGRAM, run } from "./support.ts";

const COMMANDS = ["render", "inspect", "stats", "count", "verify", "diff", "parse", "encode"];
/** The help of each command, which is asked once. */
const shown = new Map<string, Promise<string>>();

function help(command = ""): Promise<string> {
  const text = shown.get(command) ?? shownBy(command);
  shown.set(command, text);
  return text;
}

async function shownBy(command: string): Promise<string> {
  return (await run([...(command === "" ? [] : [command]), "--help"])).stdout.toString();
}

it("groups the commands", async () => {
  const text = await help();
  for (const group of ["Training data:", "Checks:", "Ids and text:", "Server:"]) {
    expect(text).toContain(`\n${group}\n`);
  }
  for (const command of COMMANDS) expect(text).toMatch(new RegExp(`^  ${command} `, "m"));
});

it("groups the flags of render", async () => {
  const text = await help("render");
  for (const group of ["Output:", "Run:", "Conversations:", "Loss mask:", "Length:", "Packing:"]) {
    expect(text).toContain(`\n${group}\n`);
  }
});

it.each([...COMMANDS, "decode"])(
  "the examples of %s have commands and flags that exist",
  async (command) => {
    const [, examples = ""] = (await help(command)).split("\nExamples:\n");
    const lines = examples.trim().split("\n");
    expect(lines.length).toBeGreaterThan(0);
    for (const part of lines.flatMap((line) => line.split("|"))) {
      const [program, name = "", ...words] = part.trim().split(/\s+/);
      if (program !== "harmony") continue;
      const known = await help(name);
      expect(known).toContain(`Usage: harmony ${name} `);
      for (const flag of words.filter((word) => /^--?[a-z]/.test(word))) {
        expect(known).toMatch(new RegExp(`^ +.*(?<![a-z-])${flag}\\b`, "m"));
      }
    }
  },
);

it.each(["--help", "--version", "count --help", "render --help"])(
  "ends quietly with 0 when nobody reads %s",
  async (words) => {
    const command = `{ "$0" "$@"; echo $? >&2; } | true`;
    const args = [process.execPath, PROGRAM, ...words.split(" ")];
    const { stderr } = await endOf(spawn("sh", ["-c", command, ...args]));
    expect(stderr).toBe("0\n");
  },
);
