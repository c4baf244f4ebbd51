/** Runs that are killed, stopped, or run out of room: nothing is lost, and no half file has a name. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { endOf, manyRows, PROGRAM, run, scratchFolder, start } from "./support.ts";

const file = scratchFolder();
const ROWS = 12_000;
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
  const rows = manyRows(ROWS);
  rows[5000] = '{"messages": 1}';
  rows[11_999] = "{";
  writeFileSync(file("in.jsonl"), `${rows.join("\n")}\n`);
  for (const output of ["whole.parquet", "whole.bin"]) {
    expect((await run(args(output))).code).toBe(3);
  }
});

/** Waits until a run has written so many batches, or has ended. */
async function batchesDone(child: ChildProcess, output: string, batches: number): Promise<void> {
  const journal = `${file(output)}.partial/journal.jsonl`;
  while (child.exitCode === null && child.signalCode === null) {
    if (linesOf(journal) > batches + 1) return;
    await sleep(2);
  }
}

/** The lines of a file that the run creates, and deletes when it ends. */
function linesOf(path: string): number {
  try {
    return readFileSync(path, "utf8").split("\n").length;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

/** The flags of a run that reads stdin. */
const piped = (output: string, ...more: string[]) => {
  const [command = "", , ...rest] = args(output, "--shape", "harmony", ...more);
  return [command, "-", ...rest];
};

/** A run whose input does not end is stopped after some batches, by a signal. */
async function stoppedRun(output: string, signal: NodeJS.Signals) {
  const child = start(piped(output));
  const ended = endOf(child);
  child.stdin?.on("error", () => {}); // It ends without reading all of it.
  child.stdin?.write(readFileSync(file("in.jsonl")).subarray(0, -1000));
  await batchesDone(child, output, 3);
  child.kill(signal);
  return ended;
}

/** Goes on with such a run, from its whole input. */
const resumed = (output: string) =>
  run(piped(output, "--resume"), { input: readFileSync(file("in.jsonl")) });

describe.each([
  ["parquet", ["out.parquet", "out.parquet.rejected.jsonl"], "whole.parquet"],
  ["bin", ["out.bin", "out.idx", "out_loss_mask.bin", "out_loss_mask.idx"], "whole.bin"],
])("a run killed at any moment, into .%s", (extension, outputs, whole) => {
  it("resumes to the same bytes", async () => {
    const output = `out.${extension}`;
    let kills = 0;
    for (let round = 0; round < 16; round += 1) {
      const child = start(args(output, "--resume"));
      const ended = endOf(child);
      // Ever later within the run, and at no moment that the program knows of.
      if (round % 3 === 0) await sleep(20 + 37 * round);
      else await batchesDone(child, output, round);
      child.kill("SIGKILL");
      const { signal, code } = await ended;
      if (signal === null) {
        expect(code).toBe(3);
        break;
      }
      kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    expect((await run(args(output, "--resume"))).code).toBe(3); // The rounds may not have been enough.
    const { code, stderr } = await run(args(output, "--resume"));
    expect([code, stderr]).toEqual([3, expect.stringContaining("is finished")]);
    for (const each of outputs) {
      const expected = file(each.replace("out", whole.replace(/\..*/, "")));
      expect(readFileSync(file(each)).equals(readFileSync(expected))).toBe(true);
    }
    expect(existsSync(`${file(output)}.partial`)).toBe(false);
  });
});

it("goes on with a journal whose last line is half written, and files that are ahead of it", async () => {
  await stoppedRun("torn.parquet", "SIGKILL");
  const folder = `${file("torn.parquet")}.partial`;
  writeFileSync(`${folder}/journal.jsonl`, '{"row":99', { flag: "a" });
  writeFileSync(`${folder}/parquet`, "rubbish", { flag: "a" });
  expect((await resumed("torn.parquet")).code).toBe(3);
  expect(readFileSync(file("torn.parquet")).equals(readFileSync(file("whole.parquet")))).toBe(true);
});

it("refuses to go on with other options, another input, or without --resume", async () => {
  await stoppedRun("other.parquet", "SIGKILL");
  const masked = await run(piped("other.parquet", "--resume", "--mask", "trl"));
  expect([masked.code, masked.stderr]).toEqual([2, expect.stringContaining("another options")]);
  const plain = await run(piped("other.parquet"));
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining("--resume continues it")]);
});

it("refuses to go on with another input on stdin", async () => {
  await stoppedRun("spliced.parquet", "SIGKILL");
  const other = readFileSync(file("in.jsonl"), "utf8").replace(
    "What is 7 times",
    "What is 8 times",
  );
  for (const input of [other, other.slice(0, 1000)]) {
    const { code, stderr } = await run(piped("spliced.parquet", "--resume"), { input });
    expect([code, stderr]).toEqual([2, expect.stringContaining("stdin is another input")]);
  }
  expect(existsSync(file("spliced.parquet"))).toBe(false);
  expect((await resumed("spliced.parquet")).code).toBe(3);
  const whole = readFileSync(file("whole.parquet"));
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

it("does not touch what is there without --overwrite", async () => {
  writeFileSync(file("mine.parquet"), "mine");
  expect((await run(args("mine.parquet"))).code).toBe(2);
  expect(readFileSync(file("mine.parquet"), "utf8")).toBe("mine");
});

it("is stopped by one Ctrl-C, and goes on", async () => {
  const { code, stderr } = await stoppedRun("stopped.parquet", "SIGINT");
  expect([code, stderr]).toEqual([130, expect.stringContaining("--resume continues")]);
  expect(existsSync(file("stopped.parquet"))).toBe(false);
  expect((await resumed("stopped.parquet")).code).toBe(3);
  const whole = readFileSync(file("whole.parquet"));
  expect(readFileSync(file("stopped.parquet")).equals(whole)).toBe(true);
});

it("leaves no half file where the disk is full, and goes on when there is room", async () => {
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
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^harmony: .*ENOSPC[^\n]*\n$/)]);
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
