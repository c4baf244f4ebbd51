/** Text input and output, for commands that print lines. */

import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { CommandError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import { hasCode, writeAll } from "../files/write-all.ts";

const STDOUT = 1;
const FLUSH_AT = 64 * 1024;

/** Collects lines and writes them to stdout in large pieces. */
export class TextOutput {
  #text = "";

  /** Adds a line. */
  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Adds text, which {@link end} writes. */
  add(text: string): void {
    this.#text += text;
  }

  /** Adds whole lines. */
  async write(lines: string): Promise<void> {
    this.add(lines);
    if (this.#text.length >= FLUSH_AT) await this.end();
  }

  /** Writes the lines collected so far. */
  async end(): Promise<void> {
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = "";
    await writeAll(STDOUT, bytes);
  }
}

/** The whole text of a file, or of stdin for "-". */
export async function wholeText(input: string): Promise<string> {
  const name = inputName(input);
  const bytes = await (input === "-" ? buffer(process.stdin) : readFile(input)).catch(
    (error: unknown) => {
      if (hasCode(error, "ENOENT")) throw new CommandError(`${name} does not exist`);
      throw new CommandError(
        `${name} could not be read: ${error instanceof Error ? error.message : error}`,
      );
    },
  );
  if (!isUtf8(bytes)) throw new CommandError(`${name} is not UTF-8`);
  return bytes.toString();
}

/** A count with its noun: `1 row`, `2 rows`. */
export function counted(count: number, singular: string): string {
  return `${count} ${singular}${count === 1 ? "" : "s"}`;
}
