/** `harmony encode` and `harmony decode`: text to ids and back. */

import type { Command } from "commander";
import { type HarmonyEncoding, HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import { CommandError } from "../exit.ts";
import { TextOutput, wholeText } from "../terminal/text-output.ts";

interface EncodeFlags {
  text?: string;
  special?: boolean;
  ordinary?: boolean;
  lines?: boolean;
}

/** Adds both commands. */
export function addEncode(program: Command): void {
  program
    .command("encode")
    .description("text to a JSON array of ids")
    .argument("[file]", "the text; - is stdin", "-")
    .option("--text <text>", "this text, instead of a file")
    .option("--lines", "each line by itself, one array a line")
    .option("--special", "texts of special tokens become them (else they are refused)")
    .option("--ordinary", "no text is special")
    .action(encode);
  program
    .command("decode")
    .description("ids to text: JSON arrays, one a line, or numbers with spaces between")
    .argument("[file]", "the ids; - is stdin", "-")
    .option("--ids <ids>", "these ids, instead of a file")
    .action(decode);
}

async function encode(file: string, flags: EncodeFlags): Promise<void> {
  const text = flags.text ?? (await wholeText(file));
  const texts = flags.lines ? linesOf(text) : [text];
  const encoder = encoderOf(loadHarmonyEncodingSync(), flags);
  const output = new TextOutput();
  for (const each of texts) await output.line(`[${told(() => encoder(each)).join()}]`);
  await output.end();
}

function encoderOf(encoding: HarmonyEncoding, { ordinary, special }: EncodeFlags) {
  if (ordinary) return (text: string) => encoding.encodeOrdinary(text);
  const options = special ? ({ allowedSpecial: "all" } as const) : {};
  return (text: string) => encoding.encode(text, options);
}

async function decode(file: string, flags: { ids?: string }): Promise<void> {
  const encoding = loadHarmonyEncodingSync();
  const output = new TextOutput();
  for (const line of linesOf(flags.ids ?? (await wholeText(file)))) {
    await output.line(told(() => encoding.decodeUtf8(idsOf(line))));
  }
  await output.end();
}

function idsOf(line: string): number[] {
  const numbers = line.replaceAll(/[[\],]/g, " ").trim();
  return numbers === "" ? [] : numbers.split(/\s+/).map(Number);
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** What harmony-wasm refuses is told in one line. */
export function told<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const isRefusal =
      error instanceof HarmonyError || error instanceof RangeError || error instanceof TypeError;
    throw isRefusal ? new CommandError(error.message) : error;
  }
}
