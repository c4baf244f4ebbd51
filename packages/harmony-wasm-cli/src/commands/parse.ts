/** `harmony parse`: rows of ids to conversations in harmony's JSON. */

import { type Command, Option } from "commander";
import { HarmonyError, loadHarmonyEncodingSync, Role } from "harmony-wasm";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN, idRows } from "../input/id-rows.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";
import { parsedMessages, recoveredRow } from "../tokens/parsing.ts";

interface ParseFlags {
  column: string;
  role?: Role;
  strict: boolean;
  recover?: boolean;
}

/** Adds the command. */
export function addParse(program: Command): void {
  program
    .command("parse")
    .description("parse ids into conversations, one line of JSON a row")
    .argument("[input]", "ids: JSON lines, Parquet or Arrow; - is stdin", "-")
    .option("--column <name>", "the column of ids", IDS_COLUMN)
    .addOption(
      new Option(
        "--role <role>",
        "whose header the prompt began (default: seen by the first id)",
      ).choices(Object.values(Role)),
    )
    .option("--no-strict", "accept a message without <|message|>")
    .option("--recover", "take any ids: say what was repaired, and what belongs to no message")
    .action(parse);
}

/** A row that cannot be parsed is a line with its error: the lines stay those of the input. */
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
  if (failed > 0)
    throw new CommandError(`${counted(failed, "row")} cannot be parsed`, EXIT.rowsRejected);
}
