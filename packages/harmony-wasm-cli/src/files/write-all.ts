/**
 * Writes to a file descriptor without `process.stdout`, which blocks the program
 * while a pipe is full and would so stop it from reading stdin.
 */

import { write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { CommandError, ReaderGone } from "../exit.ts";

const writeSome = promisify(write);
const RETRY_MS = 2;

/** Writes all bytes. Throws {@link ReaderGone} if the pipe is closed, else a {@link CommandError}. */
export async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += (await writeSome(descriptor, bytes, at, bytes.length - at, null)).bytesWritten;
    } catch (error) {
      if (hasCode(error, "EPIPE")) throw new ReaderGone();
      if (!hasCode(error, "EAGAIN")) {
        const detail = error instanceof Error ? error.message : error;
        throw new CommandError(`stdout could not be written: ${detail}`);
      }
      await sleep(RETRY_MS);
    }
  }
}

/** Whether an error comes from the operating system with this code. */
export function hasCode(error: unknown, code: string): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && error.code === code;
}
