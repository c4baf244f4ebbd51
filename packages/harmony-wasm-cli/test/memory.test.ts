/** Memory does not grow with the input: 300 MB of it go through less than that above the start. */

import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { endOf, manyRows, scratchFolder, start } from "./support.ts";

const file = scratchFolder();
const MB = 1024 * 1024;
const INPUT_BYTES = 300 * MB;
/** Two workers, their wasm and what is on its way take 460 MB, for 40 MB of input as for 400 MB. */
const MOST_BYTES = 650 * MB;

/** The most memory that a process has had so far; Linux keeps it. */
function peakOf(pid: number | undefined): number {
  try {
    const [, kilobytes] =
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
}

it("stays within its bound", async () => {
  const block = Buffer.from(
    manyRows(3000)
      .map((row) => `${row}\n`)
      .join(""),
  );
  const input = openSync(file("large.jsonl"), "w");
  for (let size = 0; size < INPUT_BYTES; size += block.length) writeSync(input, block);
  closeSync(input);
  const flags = ["--columns", "input_ids", "--workers", "2"];
  const child = start(["render", file("large.jsonl"), "-o", file("large.npy"), ...flags]);
  const ended = endOf(child);
  let peak = 0;
  while (child.exitCode === null) {
    peak = Math.max(peak, peakOf(child.pid));
    await sleep(50);
  }
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(peak).toBeGreaterThan(50 * MB);
  expect(peak).toBeLessThan(MOST_BYTES);

  // It took longer than a second, so it has told of its progress, line by line.
  const told = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  expect(told.length).toBeGreaterThan(1);
  expect(told.at(-1)).toMatchObject({ done: 1, rejected: 0, seconds_left: 0 });
  expect(told.map(({ conversations }) => conversations)).toEqual(
    told.map(({ conversations }) => conversations).sort((one, other) => one - other),
  );
});

it("writes a file of the right size", () => {
  const lengths = readFileSync(file("large.npy")).length;
  expect((lengths - 128) % 4).toBe(0);
  writeFileSync(file("large.npy"), "");
});
