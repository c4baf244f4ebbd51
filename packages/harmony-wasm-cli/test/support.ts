/** Runs the command line as users do: as a process, on files. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readVectors } from "harmony-conformance/files";
import { afterAll } from "vitest";

/** The built program. */
export const PROGRAM = fileURLToPath(new URL("../dist/harmony.js", import.meta.url));

/** The flags of a run whose rows are compared: to stdout, with nothing reported on stderr. */
export const usual = [
  ...["-o", "-", "--columns", "input_ids,source_row", "--quiet", "--workers", "1"],
  ...["--analysis", "upstream"],
];

/** The exit and output of a process. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** Starts the program. */
export function start(args: readonly string[], cwd?: string): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: "pipe" });
}

/** Starts the program so that it ends itself, as in "write 7 SIGKILL": see end-at.ts. */
export function startEndingAt(moment: string, args: readonly string[]): ChildProcess {
  const hook = new URL("end-at.ts", import.meta.url).href;
  const env = { ...process.env, END_AT: moment };
  return spawn(process.execPath, ["--import", hook, PROGRAM, ...args], { env, stdio: "pipe" });
}

/** Runs the program to its end. */
export async function run(
  args: readonly string[],
  { input, cwd }: { input?: string | Uint8Array; cwd?: string } = {},
): Promise<Ended> {
  const child = start(args, cwd);
  const ended = endOf(child);
  child.stdin?.on("error", () => {}); // The program may end before it has read everything.
  child.stdin?.end(input);
  return ended;
}

/** A process that runs for longer than this hangs: the longest takes some seconds. */
const MOST_SECONDS = 300;

/** Waits for the end of a process; ends one that hangs, and says so. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr]: Buffer[][] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => stdout?.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr?.push(chunk));
  let seconds = 0;
  // Counted, so that a machine that is suspended does not end a process that has not run.
  const clock = setInterval(() => {
    seconds += 1;
    if (seconds === MOST_SECONDS) child.kill("SIGKILL");
  }, 1000);
  const [code, signal] = await once(child, "close");
  clearInterval(clock);
  const text = Buffer.concat(stderr ?? []).toString();
  if (seconds < MOST_SECONDS) {
    return { code, signal, stdout: Buffer.concat(stdout ?? []), stderr: text };
  }
  const hung = `hung for ${MOST_SECONDS} s: ${child.spawnargs.slice(1).join(" ")}`;
  throw new Error(`${hung}\n${text}`);
}

/**
 * Runs to the end, with kills: the first in the first operation of a kind, each later one `step`
 * operations later in a resumed run. Returns the number of kills.
 */
export async function killsUntilDone(
  args: readonly string[],
  operation: string,
  step = 1,
): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const moment = `${operation} ${kills * step + 1} SIGKILL`;
    const { code, signal, stderr } = await endOf(startEndingAt(moment, [...args, "--resume"]));
    if (signal === "SIGKILL") continue;
    const ended = `${code} ${signal} ${stderr}`;
    if (code !== 3 || stderr.includes("    at ")) throw new Error(`after ${kills} kills: ${ended}`);
    return kills;
  }
}

/** A folder that is deleted after the test file. */
export function scratchFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "harmony-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** A row with the ids of native upstream, or the code of its error. */
export interface NativeRow {
  text: string;
  tokens?: number[];
  error?: string;
}

/** The vectors of `renderConversation` that fit on a line; one without ids gives no row. */
export function nativeRows(): NativeRow[] {
  const vectors = readVectors(new URL("../../../test-vectors/", import.meta.url));
  return vectors.flatMap(({ call, with: { conversation, conversationText, config }, expected }) => {
    const text = conversationText ?? JSON.stringify(conversation);
    const isUsual = config?.auto_drop_analysis !== false;
    if (call !== "renderConversation" || !isUsual || !/^[^\n\r]*[^\s][^\n\r]*$/.test(text))
      return [];
    const tokens = expected.tokens as number[] | undefined;
    const error = tokens?.length === 0 ? "empty_conversation" : expected.error;
    return [{ text, ...(error ? { error } : tokens && { tokens }) }];
  });
}

/** Many small conversations, all different. */
export function manyRows(count: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const words = "ünïcode and 東京 ".repeat((row * 7919) % 23);
    const answer = { role: "assistant", channel: "final", content: `${words}${row * 31}` };
    const thought = { role: "assistant", channel: "analysis", content: `It is ${row}. ${words}` };
    const question = { role: "user", content: `What is ${row} times 31? ${words}` };
    return JSON.stringify({ messages: [question, thought, answer] });
  });
}

/** The hash of every file in a folder, those of unfinished runs and of hidden files too. */
export function hashesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((path) => [
      relative(folder, path),
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}
