/** The oracle as a line server: native, unmodified upstream, asked in order. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Expected, Vector } from "../vectors.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** A call as the oracle takes it: a vector without its name. */
export type Call = Pick<Vector, "call" | "with">;

/** How many calls are on their way at once: enough to keep both sides busy. */
const WINDOW = 64;

/** Sends `calls` and yields each with the oracle's answer. */
export async function* answered(calls: Iterable<Call>): AsyncGenerator<[Call, Expected]> {
  const oracle = spawn(`${ROOT}target/native/harmony-oracle`, ["serve"], {
    env: { ...process.env, TIKTOKEN_ENCODINGS_BASE: `${ROOT}crates/harmony-core/generated` },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = linesOf(oracle.stdout.setEncoding("utf8"));
  const waiting: Call[] = [];
  const next = async (): Promise<[Call, Expected]> => {
    const call = waiting.shift();
    const answer = await answers.next();
    if (!call || answer.done) throw new Error(`the oracle ended at ${JSON.stringify(call)}`);
    return [call, JSON.parse(answer.value)];
  };
  for (const call of calls) {
    oracle.stdin.write(`${JSON.stringify(call)}\n`);
    waiting.push(call);
    if (waiting.length >= WINDOW) yield next();
  }
  oracle.stdin.end();
  while (waiting.length > 0) yield next();
}

/** Lines end at `\n` only; readline would also end them at U+2028, which JSON may hold. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
