/** Runs that are killed, stopped, or run out of disk space lose nothing and leave no partial file under a final name. */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  endOf,
  killsUntilDone,
  manyRows,
  PROGRAM,
  run,
  scratchFolder,
  start,
  startEndingAt,
} from "./support.ts";

const file = scratchFolder();
/** Four batches. */
const ROWS = 3500;
/** Of an input that does not end, the first batch is written when four more are there. */
const PIPED_ROWS = 9000;
const args = (output: string, ...more: string[]) => [
  "render",
  file("in.jsonl"),
  "-o",
  file(output),
  "--quiet",
  "--workers",
  "2",
  ...more,
];

beforeAll(async () => {
  for (const [input, count] of [
    ["in.jsonl", ROWS],
    ["piped.jsonl", PIPED_ROWS],
  ] as const) {
    const rows = manyRows(count).with(1500, '{"messages": 1}').with(-1, "{");
    writeFileSync(file(input), `${rows.join("\n")}\n`);
  }
  for (const output of ["whole.parquet", "whole.bin"]) {
    expect((await run(args(output))).code).toBe(3);
  }
  const input = readFileSync(file("piped.jsonl"));
  expect((await run(piped("whole-piped.parquet"), { input })).code).toBe(3);
});

/** The flags of a run that reads stdin. */
const piped = (output: string, ...more: string[]) => {
  const [command = "", , ...rest] = args(output, "--shape", "harmony", ...more);
  return [command, "-", ...rest];
};

/** A run whose input does not end is stopped in its sixth write, by a signal. */
async function stoppedRun(output: string, signal: NodeJS.Signals) {
  const child = startEndingAt(`write 6 ${signal}`, piped(output));
  const ended = endOf(child);
  child.stdin?.on("error", () => {}); // It ends without reading all of it.
  child.stdin?.write(readFileSync(file("piped.jsonl")).subarray(0, -1000));
  const { code, signal: endedBy, stderr } = await ended;
  expect([code, endedBy]).toEqual(signal === "SIGKILL" ? [null, signal] : [130, null]);
  return stderr;
}

/** Continues such a run, from its whole input. */
const resumed = (output: string) =>
  run(piped(output, "--resume"), { input: readFileSync(file("piped.jsonl")) });

describe.each([
  ["parquet", ["out.parquet", "out.parquet.rejected.jsonl"], "whole.parquet"],
  ["bin", ["out.bin", "out.idx", "out_loss_mask.bin", "out_loss_mask.idx"], "whole.bin"],
])("a run into .%s that is killed", (extension, outputs, whole) => {
  it.each([
    ["in a write", "write", 4],
    ["before it names a file", "rename", outputs.length],
    ["before it deletes a file", "rm", 1],
  ])("%s resumes to the same bytes", async (_, operation, leastKills) => {
    const output = `${operation}.${extension}`;
    expect(await killsUntilDone(args(output), operation)).toBeGreaterThanOrEqual(leastKills);
    const { code, stderr } = await run(args(output, "--resume"));
    expect([code, stderr]).toEqual([3, expect.stringContaining("is finished")]);
    for (const each of outputs) {
      const written = readFileSync(file(each.replace("out", operation)));
      const expected = file(each.replace("out", whole.replace(/\..*/, "")));
      expect(written.equals(readFileSync(expected))).toBe(true);
    }
    expect(existsSync(`${file(output)}.partial`)).toBe(false);
  });
});

it("resumes from a journal whose last line is half written, and files that are ahead of it", async () => {
  await stoppedRun("torn.parquet", "SIGKILL");
  const folder = `${file("torn.parquet")}.partial`;
  writeFileSync(`${folder}/journal.jsonl`, '{"row":99', { flag: "a" });
  writeFileSync(`${folder}/parquet`, "rubbish".repeat(200_000), { flag: "a" });
  expect((await resumed("torn.parquet")).code).toBe(3);
  expect(readFileSync(file("torn.parquet")).equals(readFileSync(file("whole-piped.parquet")))).toBe(
    true,
  );
});

it("does not resume with other options, or without --resume", async () => {
  await stoppedRun("other.parquet", "SIGKILL");
  const masked = await run(piped("other.parquet", "--resume", "--mask", "trl"));
  expect([masked.code, masked.stderr]).toEqual([2, expect.stringContaining("different options")]);
  const plain = await run(piped("other.parquet"));
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining("--resume continues it")]);
});

it("does not resume from another input on stdin", async () => {
  await stoppedRun("spliced.parquet", "SIGKILL");
  const other = readFileSync(file("piped.jsonl"), "utf8").replace(
    "What is 7 times",
    "What is 8 times",
  );
  for (const input of [other, other.slice(0, 1000)]) {
    const { code, stderr } = await run(piped("spliced.parquet", "--resume"), { input });
    expect([code, stderr]).toEqual([2, expect.stringContaining("stdin has different input")]);
  }
  expect(existsSync(file("spliced.parquet"))).toBe(false);
  expect((await resumed("spliced.parquet")).code).toBe(3);
  const whole = readFileSync(file("whole-piped.parquet"));
  expect(readFileSync(file("spliced.parquet")).equals(whole)).toBe(true);
});

it("says where no folder can be made", async () => {
  const { code, stderr } = await run(["render", file("in.jsonl"), "-o", "/proc/rendered.parquet"]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining(
      "cannot create /proc/rendered.parquet: its folder /proc is not writable",
    ),
  ]);
});

it("does not touch existing files without --overwrite", async () => {
  writeFileSync(file("mine.parquet"), "mine");
  expect((await run(args("mine.parquet"))).code).toBe(2);
  expect(readFileSync(file("mine.parquet"), "utf8")).toBe("mine");
});

it("is stopped by one Ctrl-C, and resumes", async () => {
  const stderr = await stoppedRun("stopped.parquet", "SIGINT");
  expect(stderr).toContain("--resume continues");
  expect(existsSync(file("stopped.parquet"))).toBe(false);
  expect((await resumed("stopped.parquet")).code).toBe(3);
  const whole = readFileSync(file("whole-piped.parquet"));
  expect(readFileSync(file("stopped.parquet")).equals(whole)).toBe(true);
});

it("leaves no half file when the disk is full, and resumes when there is room", async () => {
  const limited = `ulimit -f 200; exec "$0" "$@"`; // In blocks of 512 bytes or 1 KB.
  const child = spawn("sh", ["-c", limited, process.execPath, PROGRAM, ...args("full.parquet")]);
  const { code, signal, stderr } = await endOf(child);
  expect(signal === "SIGXFSZ" || (code === 1 && stderr.includes("--resume"))).toBe(true);
  expect(existsSync(file("full.parquet"))).toBe(false);
  expect((await run(args("full.parquet", "--resume"))).code).toBe(3);
  const whole = readFileSync(file("whole.parquet"));
  expect(readFileSync(file("full.parquet")).equals(whole)).toBe(true);
});

it("reports a full disk without a stack trace", async () => {
  if (!existsSync("/dev/full")) throw new Error("this test needs /dev/full");
  const command = `"$0" "$@" > /dev/full`;
  const whole = [PROGRAM, "render", file("in.jsonl"), "-o", "-", "--quiet"];
  const { code, stderr } = await endOf(spawn("sh", ["-c", command, process.execPath, ...whole]));
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^harmony render: .*ENOSPC[^\n]*\n$/)]);
});

it("ends quietly with 0 when the reader of its output closes the pipe, as head does", async () => {
  const child = start(["render", file("in.jsonl"), "-o", "-", "--quiet"]);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await endOf(child);
  expect([code, stderr]).toEqual([0, ""]);
});

it("leaves nothing behind but the outputs", async () => {
  rmSync(file("clean.bin"), { force: true });
  expect((await run(args("clean.bin"))).code).toBe(3);
  const left = readdirSync(file(".")).filter((name) => name.includes("clean"));
  expect(left.sort()).toEqual([
    ".clean.bin.run.json",
    "clean.bin",
    "clean.bin.meta.json",
    "clean.bin.rejected.jsonl",
    "clean.idx",
    "clean_loss_mask.bin",
    "clean_loss_mask.idx",
  ]);
});
