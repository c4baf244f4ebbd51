/** Text to stdout or a file, for commands whose answer is lines. */

import { open } from "node:fs/promises";
import { writeAll } from "../files/write-all.ts";

const STDOUT = 1;
const FLUSH_AT = 64 * 1024;

/** Gathers lines and writes them in large pieces. */
export class TextOutput {
  #text = "";

  /** Adds a line. */
  async line(text: string): Promise<void> {
    this.#text += `${text}\n`;
    if (this.#text.length >= FLUSH_AT) await this.end();
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = "";
    await writeAll(STDOUT, bytes);
  }
}

/** All of an input's text, which is a file or stdin. */
export async function wholeText(input: string): Promise<string> {
  const chunks: Buffer[] = [];
  if (input === "-") for await (const chunk of process.stdin) chunks.push(chunk);
  else {
    const file = await open(input);
    for await (const chunk of file.createReadStream()) chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
}
