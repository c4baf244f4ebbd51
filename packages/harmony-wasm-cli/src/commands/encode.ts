/** `harmony encode` and `harmony decode`: convert text to ids and back. */

import type { Command } from "commander";
import { type HarmonyEncoding, loadHarmonyEncodingSync } from "harmony-wasm";
import { CommandError } from "../exit.ts";
import { TextOutput, wholeText } from "../terminal/text-output.ts";
import { reported } from "./reported.ts";

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
    .description("encode text to a JSON array of ids")
    .argument("[file]", "the text; - is stdin", "-")
    .option("--text <text>", "encode this text instead of a file")
    .option("--lines", "encode each line separately, one array per line")
    .option("--special", "encode the text of a special token as that token (default: refuse it)")
    .option("--ordinary", "encode the text of a special token as ordinary text")
    .action(encode);
  program
    .command("decode")
    .description("decode ids to text: one JSON array per line, or numbers separated by spaces")
    .argument("[file]", "the ids; - is stdin", "-")
    .option("--ids <ids>", "decode these ids instead of a file")
    .action(decode);
}

async function encode(file: string, flags: EncodeFlags): Promise<void> {
  const text = flags.text ?? (await wholeText(file));
  const texts = flags.lines ? linesOf(text) : [text];
  const encoder = encoderOf(loadHarmonyEncodingSync(), flags);
  const output = new TextOutput();
  for (const each of texts) await output.line(`[${reported(() => encoder(each)).join()}]`);
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
  const source = flags.ids === undefined ? (file === "-" ? "stdin" : file) : "--ids";
  for (const [index, line] of linesOf(flags.ids ?? (await wholeText(file))).entries()) {
    const place = `${source}, line ${index + 1}`;
    await output.line(reported(() => encoding.decodeUtf8(idsOf(line, place)), place));
  }
  await output.end();
}

/** The ids of a line: a JSON array, or numbers separated by spaces or commas. */
function idsOf(line: string, place: string): number[] {
  const numbers = line.trim();
  if (numbers === "") return [];
  const words = /^\[.*\]$/.test(numbers) ? arrayOf(numbers, place) : numbers.split(/[\s,]+/);
  return words.map((word) => {
    if (/^\d+$/.test(String(word))) return Number(word);
    throw new CommandError(`${place}: expected a token id, got ${JSON.stringify(word)}`);
  });
}

function arrayOf(line: string, place: string): unknown[] {
  try {
    return JSON.parse(line);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${place}: invalid JSON: ${detail}`);
  }
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
