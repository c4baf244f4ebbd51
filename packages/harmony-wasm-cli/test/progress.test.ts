/** Progress is one line of JSON per second if stderr is not a terminal. */

import { once } from "node:events";
import { expect, it } from "vitest";
import { endOf, manyRows, scratchFolder, start } from "./support.ts";

const file = scratchFolder();

it("is reported while the input is open, and once more at the end", async () => {
  const child = start(["render", "-", "-o", file("out.jsonl"), "--shape", "harmony"]);
  const ended = endOf(child);
  const rows = manyRows(3000);
  child.stdin?.write(rows.slice(0, 2000).join("\n"));
  if (!child.stderr) throw new Error("stderr is not a pipe");
  await once(child.stderr, "data");
  child.stdin?.end(`\n${rows.slice(2000).join("\n")}`);
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  const counts = lines.map((line): number => JSON.parse(line).conversations);
  expect(counts.length).toBeGreaterThan(1);
  expect(counts[0]).toBeLessThan(3000);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(counts.at(-1)).toBe(3000);
});
