/** One run writes an output at a time, even if the other run is killed. */

import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { endOf, manyRows, run, scratchFolder, start } from "./support.ts";

const file = scratchFolder();
const lines = manyRows(3000).join("\n");
const flags = ["--shape", "harmony", "--workers", "1"];
const render = (output: string, ...more: string[]) => [
  "render",
  file("in.jsonl"),
  "-o",
  file(output),
  ...flags,
  ...more,
];

beforeAll(async () => {
  writeFileSync(file("in.jsonl"), lines);
  expect((await run(render("whole.parquet"))).code).toBe(0);
});

/** A run that waits for more of its stdin and holds the lock: its progress lines say so. */
async function waitingRun(output: string) {
  const child = start(["render", "-", "-o", file(output), ...flags]);
  const ended = endOf(child);
  child.stdin?.on("error", () => {}); // It is killed before it reads everything.
  child.stdin?.write(lines);
  if (!child.stderr) throw new Error("stderr is not a pipe");
  await once(child.stderr, "data");
  return { child, ended };
}

it("refuses a second run with any flag, and takes over from a killed one", async () => {
  const { child, ended } = await waitingRun("out.parquet");
  for (const flag of ["--overwrite", "--resume", "--quiet"]) {
    const { code, stderr } = await run(render("out.parquet", flag));
    const message = `harmony render: --output: another run is writing ${file("out.parquet")}: `;
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
  child.kill("SIGKILL");
  expect((await ended).signal).toBe("SIGKILL");
  expect(existsSync(file(".out.parquet.lock"))).toBe(true); // The file remains, but nobody holds the lock.
  expect((await run(render("out.parquet", "--overwrite"))).code).toBe(0);
  expect(existsSync(file(".out.parquet.lock"))).toBe(false);
  expect(readFileSync(file("out.parquet")).equals(readFileSync(file("whole.parquet")))).toBe(true);
});

it("clears the folder of a run that was killed while it deleted that folder", async () => {
  expect((await run(render("left.parquet"))).code).toBe(0);
  mkdirSync(file("left.parquet.partial"));
  expect((await run(render("left.parquet", "--resume"))).code).toBe(0);
  expect(existsSync(file("left.parquet.partial"))).toBe(false);
});

it("leaves a whole file when several runs overwrite it at once", async () => {
  const several = Array.from({ length: 4 }, () => run(render("raced.parquet", "--overwrite")));
  const codes = (await Promise.all(several)).map(({ code }) => code);
  expect(codes).toContain(0);
  expect(codes.every((code) => code === 0 || code === 2)).toBe(true);
  const whole = readFileSync(file("whole.parquet"));
  expect(readFileSync(file("raced.parquet")).equals(whole)).toBe(true);
});
