/**
 * Decides which rows are the first with their ids, batch by batch in the order of
 * the input, however many workers render batches at a time: a worker sends the
 * digests of a batch through a port and waits for the answer. The wait ends,
 * because batches are given to workers in their order.
 */

import { once } from "node:events";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { CommandError } from "../exit.ts";
import { DIGEST_BYTES } from "../rows/digest.ts";
import { DigestSet, DigestSetFull } from "./digest-set.ts";

/** The set of all rows, in the thread that knows the order of the batches. */
export class FirstRows {
  readonly #set: DigestSet;
  readonly #mostBytes: number;
  #turn: Promise<unknown> = Promise.resolve();
  /** The reason why no more batches are decided. */
  failure: CommandError | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#set = new DigestSet(mostBytes);
  }

  /** Adds the rows that an earlier run wrote. */
  add(digests: Uint8Array): Uint8Array {
    try {
      return this.#set.add(digests);
    } catch (error) {
      if (!(error instanceof DigestSetFull)) throw error;
      this.failure = new CommandError(
        `--dedupe: the digests of ${this.#set.size} rows fill ${this.#mostBytes / 1e6} MB; finished batches are kept, and --resume continues with a larger --dedupe-memory`,
      );
      throw this.failure;
    }
  }

  /** A port for the worker of the next batch, and the digests of the rows that it keeps. */
  nextBatch(): { port: MessagePort; kept: Promise<Uint8Array<ArrayBuffer>> } {
    const { port1: mine, port2: port } = new MessageChannel();
    const asked = messageOf(mine);
    const kept = this.#turn.then(async () => {
      const digests = await asked;
      if (!digests) throw new Error("the worker has ended");
      const isFirst = this.add(digests);
      mine.postMessage(isFirst);
      return keptOf(digests, isFirst);
    });
    kept.catch(() => {}).finally(() => mine.close());
    this.#turn = kept;
    this.#turn.catch(() => {}); // Reported by the batch that failed.
    return { port, kept };
  }
}

/** The worker's side: sends digests, and returns a 1 for each row to keep. */
export async function askWhichAreFirst(
  port: MessagePort,
  digests: Uint8Array,
): Promise<Uint8Array> {
  const answer = messageOf(port);
  port.postMessage(digests);
  const isFirst = await answer;
  port.close();
  if (isFirst) return isFirst;
  throw new Error("the run has ended");
}

/** The next message; undefined if the other side closes. */
async function messageOf(port: MessagePort): Promise<Uint8Array | undefined> {
  const closed = new AbortController();
  port.once("close", () => closed.abort());
  try {
    const [message] = await once(port, "message", { signal: closed.signal });
    return message;
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    return undefined;
  }
}

function keptOf(digests: Uint8Array, isFirst: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = isFirst.reduce((sum, each) => sum + each, 0);
  const joined = new Uint8Array(kept * DIGEST_BYTES);
  let at = 0;
  for (const [index, keeps] of isFirst.entries()) {
    if (keeps === 0) continue;
    const start = index * DIGEST_BYTES;
    joined.set(digests.subarray(start, start + DIGEST_BYTES), at);
    at += DIGEST_BYTES;
  }
  return joined;
}
