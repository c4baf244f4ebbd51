/** An oracle as a line server: asked in batches, answered in order. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Expected, Vector } from "../vectors.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SERVE = fileURLToPath(new URL("../../python/serve.py", import.meta.url));

/** A call as the oracle takes it: a vector without its name. */
export type Call = Pick<Vector, "call" | "with">;

/** How many calls a line holds, and how many lines are on their way at once. */
const BATCH = 32;
const WINDOW = 4;

/** A command that answers a line of calls with a line of answers. */
export type OracleCommand = readonly [program: string, ...args: string[]];

/** Native upstream, built from the crate. */
export const NATIVE: OracleCommand = [`${ROOT}target/native/harmony-oracle`, "serve"];

/** The published wheel, in the environment of a Python. */
export function wheel(python: string): OracleCommand {
  return [python, SERVE];
}

/** Sends `calls` and yields each with the oracle's answer. */
export async function* answered(
  [program, ...args]: OracleCommand,
  calls: Iterable<Call>,
): AsyncGenerator<[Call, Expected]> {
  const oracle = spawn(program, args, {
    env: { ...process.env, TIKTOKEN_ENCODINGS_BASE: `${ROOT}crates/harmony-core/generated` },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = linesOf(oracle.stdout.setEncoding("utf8"));
  const waiting: Call[][] = [];
  for (const batch of batches(calls)) {
    oracle.stdin.write(`${JSON.stringify(batch)}\n`);
    waiting.push(batch);
    if (waiting.length >= WINDOW) yield* paired(waiting.shift() ?? [], await answers.next());
  }
  oracle.stdin.end();
  for (const batch of waiting) yield* paired(batch, await answers.next());
}

function* batches(calls: Iterable<Call>): Generator<Call[]> {
  let batch: Call[] = [];
  for (const call of calls) {
    batch.push(call);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function* paired(
  calls: Call[],
  line: IteratorResult<string, undefined>,
): Generator<[Call, Expected]> {
  if (line.done) throw new Error(`the oracle ended within ${JSON.stringify(calls)}`);
  const answers: Expected[] = JSON.parse(line.value);
  for (const [index, call] of calls.entries()) {
    const answer = answers[index];
    if (!answer) throw new Error(`the oracle left out ${JSON.stringify(call)}`);
    yield [call, answer];
  }
}

/** Lines end at `\n` only; readline would also end them at U+2028, which JSON may hold. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let rest: string[] = [];
  for await (const chunk of chunks) {
    const lines = chunk.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      yield rest.join("") + line;
      rest = [];
    }
    rest.push(last);
  }
}
