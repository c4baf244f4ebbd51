/** `harmony encode` and `harmony decode`: convert text to ids and back. */

import { type Command, Option } from "commander";
import { type HarmonyEncoding, HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import { CommandError, UsageError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import { IDS_COLUMN, idRows, isTable } from "../input/id-rows.ts";
import { TextOutput, wholeText } from "../terminal/text-output.ts";
import { reported } from "./reported.ts";

/** Ids are 32-bit words; larger numbers would be shown rounded. */
const MOST_ID = 2 ** 32 - 1;

interface EncodeFlags {
  text?: string;
  special?: boolean;
  ordinary?: boolean;
  lines?: boolean;
}

const DECODE_EXAMPLES = `
Examples:
  harmony decode --ids "200006 1428"
  harmony render train.jsonl -o - | harmony decode
  harmony decode train.parquet --column input_ids | head`;

const ENCODE_EXAMPLES = `
Examples:
  harmony encode --text "hello world"
  harmony encode --special --lines prompts.txt`;

/** Adds both commands. */
export function addEncode(program: Command): void {
  program
    .command("encode")
    .description("encode text to a JSON array of ids")
    .argument("[file]", "the text; - is stdin (default)")
    .option("--text <text>", "encode this text instead of a file")
    .option("--lines", "encode each line separately, one array per line")
    .addOption(
      new Option(
        "--special",
        "encode the text of a special token as that token (default: refuse it)",
      ).conflicts("ordinary"),
    )
    .option("--ordinary", "encode the text of a special token as ordinary text")
    .addHelpText("after", ENCODE_EXAMPLES)
    .action(encode);
  program
    .command("decode")
    .description("decode ids to text: JSON lines, Parquet, Arrow, or numbers separated by spaces")
    .argument("[file]", "the ids; - is stdin (default)")
    .option("--ids <ids>", "decode these ids instead of a file")
    .option("--column <name>", "column of ids, in a table or in JSON objects", IDS_COLUMN)
    .addHelpText("after", DECODE_EXAMPLES)
    .action(decode);
}

async function encode(file: string | undefined, flags: EncodeFlags): Promise<void> {
  refuseBoth(file, "--text", flags.text);
  const text = flags.text ?? (await wholeText(file ?? "-"));
  const texts = flags.lines ? linesOf(text) : [text];
  const encoder = encoderOf(loadHarmonyEncodingSync(), flags);
  const output = new TextOutput();
  for (const each of texts) await output.line(`[${reported(() => encoder(each)).join()}]`);
  await output.end();
}

/** Refuses a file beside a flag that holds the input. */
function refuseBoth(file: string | undefined, flag: string, value: string | undefined): void {
  if (file === undefined || value === undefined) return;
  throw new UsageError(`${flag}: expected no file beside it, got ${file}`);
}

function encoderOf(encoding: HarmonyEncoding, { ordinary, special }: EncodeFlags) {
  if (ordinary) return (text: string) => encoding.encodeOrdinary(text);
  const options = special ? ({ allowedSpecial: "all" } as const) : {};
  return (text: string) => {
    try {
      return encoding.encode(text, options);
    } catch (error) {
      throw withFlags(error);
    }
  };
}

/** The library's advice names its options; the flags are called otherwise. */
function withFlags(error: unknown): unknown {
  if (!(error instanceof HarmonyError) || error.code !== "disallowed_special") return error;
  const [refusal] = error.message.split("\n");
  return new CommandError(
    `${refusal} Encode it as that token with --special, or with --ordinary as text.`,
  );
}

interface DecodeFlags {
  ids?: string;
  column: string;
}

async function decode(file: string | undefined, flags: DecodeFlags): Promise<void> {
  refuseBoth(file, "--ids", flags.ids);
  const encoding = loadHarmonyEncodingSync();
  const output = new TextOutput();
  for await (const { ids, place } of idLines(file ?? "-", flags)) {
    await output.line(reported(() => encoding.decodeUtf8(ids), place));
  }
  await output.end();
}

/** The rows of ids, each with its place for errors. */
async function* idLines(file: string, { ids, column }: DecodeFlags) {
  if (ids === undefined && (await isTable(file))) {
    for await (const { row, ids: found } of idRows({ path: file, column })) {
      yield { ids: found, place: `${file}, row ${row}` };
    }
    return;
  }
  const source = ids === undefined ? inputName(file) : "--ids";
  for (const [index, line] of linesOf(ids ?? (await wholeText(file))).entries()) {
    const place = `${source}, line ${index + 1}`;
    yield { ids: idsOf(line, place, column), place };
  }
}

/** The ids of a line: a JSON array, an object with a column of ids, or bare numbers. */
function idsOf(line: string, place: string, column: string): number[] {
  return wordsOf(line.trim(), place, column).map((word) => {
    if (/^\d+$/.test(String(word)) && Number(word) <= MOST_ID) return Number(word);
    throw new CommandError(`${place}: expected a token id, got ${JSON.stringify(word)}`);
  });
}

function wordsOf(line: string, place: string, column: string): unknown[] {
  if (line === "") return [];
  if (!/^(?:\[.*\]|\{.*\})$/.test(line)) return line.split(/[\s,]+/);
  const value = parsed(line, place);
  if (Array.isArray(value)) return value;
  const ids: unknown = Object(value)[column];
  if (Array.isArray(ids)) return ids;
  const names = Object.keys(Object(value)).join(", ");
  throw new CommandError(`${place}: no list of ids in "${column}"; the fields are ${names}`);
}

function parsed(line: string, place: string): unknown {
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
