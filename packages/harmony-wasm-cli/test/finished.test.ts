/** Runs whose output exists already: a finished output, or the input itself. */

import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { endOf, manyRows, PROGRAM, run, scratchFolder } from "./support.ts";

const file = scratchFolder();

describe.each(["parquet", "arrow", "arrows", "jsonl", "npy", "bin", "idx"])(
  "a finished .%s",
  (extension) => {
    const output = `finished-${extension}.${extension}`;
    const small = `finished-${extension}.in.jsonl`;
    const again = (...more: string[]) =>
      run(["render", file(small), "-o", file(output), "--quiet", "--shape", "harmony", ...more]);

    it("is resumed only by the run that made it", async () => {
      writeFileSync(file(small), manyRows(3).join("\n"));
      expect((await again()).code).toBe(0);
      expect(await again("--resume")).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("is finished"),
      });
      const masked = await again("--resume", "--mask", "trl");
      expect([masked.code, masked.stderr]).toEqual([
        2,
        expect.stringContaining("different options"),
      ]);
      const stdin = await run([
        "render",
        "-",
        "-o",
        file(output),
        "--resume",
        "--shape",
        "harmony",
      ]);
      expect([stdin.code, stdin.stderr]).toEqual([2, expect.stringContaining("different input")]);
      writeFileSync(file(small), manyRows(4).join("\n"));
      const other = await again("--resume");
      expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("different input")]);
    });

    it("is refused if something else wrote the file", async () => {
      writeFileSync(file(output), "mine");
      const { code, stderr } = await again("--resume");
      expect([code, stderr]).toEqual([2, expect.stringContaining("the record of its run")]);
    });
  },
);

it("refuses to resume a finished run from stdin", async () => {
  const args = ["render", "-", "-o", file("piped.jsonl"), "--shape", "harmony", "--quiet"];
  const input = manyRows(3).join("\n");
  expect((await run(args, { input })).code).toBe(0);
  const { code, stderr } = await run([...args, "--resume"], { input });
  expect([code, stderr]).toEqual([2, expect.stringContaining("stdin cannot be compared")]);
});

it.each([
  ["under its own name", "self.jsonl", "self.jsonl"],
  ["through a link", "self.jsonl", "./link/self.jsonl"],
  ["as a file beside its output", "self.npy.meta.json", "self.npy"],
  ["as its rejected rows", "self.bin.rejected.jsonl", "self.bin"],
])("never replaces its input: %s", async (_, input, output) => {
  if (!existsSync(file("link"))) symlinkSync(file("."), file("link"));
  const rows = manyRows(3).join("\n");
  writeFileSync(file(input), rows);
  const args = ["-o", file(output), "--overwrite", "--shape", "harmony", "--quiet"];
  const byName = await run(["render", file(input), ...args]);
  expect([byName.code, byName.stderr]).toEqual([2, expect.stringContaining("replace the input")]);
  const command = `exec "$@" < "$0"`;
  const program = [process.execPath, PROGRAM, "render", "-", ...args];
  const redirected = await endOf(spawn("sh", ["-c", command, file(input), ...program]));
  expect([redirected.code, redirected.stderr]).toEqual([
    2,
    expect.stringContaining("replace the input"),
  ]);
  expect(readFileSync(file(input), "utf8")).toBe(rows);
});

it.runIf(process.platform !== "win32")("never replaces something that is not a file", async () => {
  const input = manyRows(3).join("\n");
  execFileSync("mkfifo", [file("pipe.jsonl")]);
  symlinkSync("/dev/null", file("null.jsonl"));
  mkdirSync(file("folder.html"));
  const args = ["render", "-", "--shape", "harmony", "--quiet", "--overwrite", "-o"];
  const outputs = [
    [file("pipe.jsonl")],
    [file("null.jsonl")],
    ["-", "--report", file("folder.html")],
  ];
  const ended = await Promise.all(outputs.map((output) => run([...args, ...output], { input })));
  expect(ended.map(({ code, stderr }) => [code, stderr.split(/, | is /)[1]])).toEqual([
    [2, "a named pipe"],
    [2, "a device"],
    [2, "a folder"],
  ]);
  expect(lstatSync(file("pipe.jsonl")).isFIFO()).toBe(true);
  expect(lstatSync(file("null.jsonl")).isSymbolicLink()).toBe(true);
});
