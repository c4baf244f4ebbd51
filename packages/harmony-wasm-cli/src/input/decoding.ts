/**
 * Waits for parquet-wasm. A damaged file may end its decoder with a trap, of which no promise
 * hears: it is an uncaught exception of the thread.
 */

import { CommandError } from "../exit.ts";

/** The files that a decoder works on in this thread, with what ends their wait. */
const waiting = new Map<(error: unknown) => void, string>();

/** Set by a trap: after it, the decoder works no more, and each attempt may be a trap again. */
let lost: CommandError | undefined;

/** The result of a decoder; its failure names the file. */
export async function decoded<Value>(name: string, decode: () => Promise<Value>): Promise<Value> {
  if (lost) throw lost;
  const { promise: trapped, reject } = Promise.withResolvers<never>();
  waiting.set(reject, name);
  if (waiting.size === 1) process.on("uncaughtException", endAll);
  try {
    return await Promise.race([decode(), trapped]);
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(name, error);
  } finally {
    waiting.delete(reject);
    if (waiting.size === 0 && !lost) process.off("uncaughtException", endAll);
  }
}

/** Which of several files is at fault, the decoder does not say. */
function endAll(error: unknown): void {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  const names = [...waiting.values()].join(", ");
  lost ??= unreadable(waiting.size > 1 ? `one of ${names}` : names, "its data are damaged");
  for (const end of waiting.keys()) end(lost);
}

function unreadable(name: string, reason: unknown): CommandError {
  return new CommandError(`${name} could not be read as Parquet: ${reason}`);
}
