/** Memory does not grow with the input: 300 MB of input need no more than 40 MB do. */

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { expect, it } from "vitest";
import { endOf, manyRows, PROGRAM, scratchFolder } from "./support.ts";

const file = scratchFolder();
const MB = 1024 * 1024;
const INPUT_BYTES = 300 * MB;
/** Two workers, their wasm and the batches in flight take 460 MB, for 40 MB of input and for 400 MB. */
const MOST_BYTES = 650 * MB;

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
  const program = ["render", file("large.jsonl"), "-o", file("large.npy"), ...flags];
  const hook = new URL("peak-at-exit.ts", import.meta.url).href;
  const env = { ...process.env, PEAK_FILE: file("peak") };
  const child = spawn(process.execPath, ["--import", hook, PROGRAM, ...program], { env });
  const ended = endOf(child);
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  const peak = Number(readFileSync(file("peak"), "utf8")) * 1024;
  expect(peak).toBeGreaterThan(50 * MB);
  expect(peak).toBeLessThan(MOST_BYTES);
  const progress = stderr.split("\n").filter((line) => line.startsWith("{"));
  expect(JSON.parse(progress.at(-1) ?? "")).toMatchObject({
    done: 1,
    rejected: 0,
    seconds_left: 0,
  });
});

it("writes a file of the right size", () => {
  const lengths = readFileSync(file("large.npy")).length;
  expect((lengths - 128) % 4).toBe(0);
  writeFileSync(file("large.npy"), "");
});
