/** `harmony parse`: parses rows of ids to conversations in harmony's JSON. */

import { type Command, Option } from "commander";
import { HarmonyError, loadHarmonyEncodingSync, Role } from "harmony-wasm";
import { parsedMessages, recoveredRow } from "../check/parsing.ts";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN, idRows } from "../input/id-rows.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";

interface ParseFlags {
  column: string;
  role?: Role;
  strict: boolean;
  recover?: boolean;
}

const EXAMPLES = `
Examples:
  harmony parse train.parquet | jq .messages
  harmony parse completions.jsonl --recover --role assistant`;

/** Adds the command. */
export function addParse(program: Command): void {
  program
    .command("parse")
    .description("parse ids to conversations, one line of JSON per row")
    .addHelpText("after", EXAMPLES)
    .argument("[input]", "ids: JSON lines, Parquet or Arrow; - is stdin", "-")
    .option("--column <name>", "column of ids", IDS_COLUMN)
    .addOption(
      new Option(
        "--role <role>",
        "role whose header the prompt began (default: detected from the first id)",
      ).choices(Object.values(Role)),
    )
    .option("--no-strict", "accept a message without <|message|>")
    .option("--recover", "accept any ids; report repairs, and ids that belong to no message")
    .action(parse);
}

/** A row that cannot be parsed becomes a line with its error, so that lines match the input's. */
async function parse(input: string, flags: ParseFlags): Promise<void> {
  const encoding = loadHarmonyEncodingSync();
  const settings = { role: flags.role, strict: flags.strict };
  const output = new TextOutput();
  let failed = 0;
  for await (const { row, ids } of idRows(input, flags.column)) {
    try {
      const parsed = flags.recover
        ? recoveredRow(encoding, ids, flags.role)
        : { messages: parsedMessages(encoding, ids, settings) };
      await output.line(JSON.stringify(parsed));
    } catch (error) {
      if (!(error instanceof HarmonyError)) throw error;
      failed += 1;
      const { code, index, message } = error;
      await output.line(JSON.stringify({ row, error: { code, index, message } }));
    }
  }
  await output.end();
  if (failed > 0) {
    throw new CommandError(`${counted(failed, "row")} could not be parsed`, EXIT.rowsRejected);
  }
}
