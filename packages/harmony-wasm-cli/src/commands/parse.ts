/** `harmony parse`: parses rows of ids to conversations in harmony's JSON. */

import { type Command, Option } from "commander";
import { Role } from "harmony-wasm";
import { type BatchWorkers, withWorkers } from "../check/batch-workers.ts";
import type { ParseOptions } from "../check/parsed-rows.ts";
import { withWork } from "../check/work.ts";
import { CommandError, EXIT } from "../exit.ts";
import { IDS_COLUMN } from "../input/id-rows.ts";
import { inputFile } from "../input/inputs.ts";
import { givenBatches } from "../input/source.ts";
import { addWorkersFlag, type WorkersFlag, workersOf } from "../options/workers-flag.ts";
import { counted, TextOutput } from "../terminal/text-output.ts";

interface ParseFlags extends WorkersFlag {
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
  const command = program
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
    .option("--recover", "accept any ids; report repairs, and ids that belong to no message");
  addWorkersFlag(command).action(parse);
}

async function parse(input: string, flags: ParseFlags): Promise<void> {
  const settings = { role: flags.role, strict: flags.strict };
  const options = { column: flags.column, settings, recovers: flags.recover ?? false };
  const output = new TextOutput();
  const failed = await withWorkers(workersOf(flags), (threads) =>
    parseBatches(input, options, threads, output),
  );
  await output.end();
  if (failed > 0) {
    throw new CommandError(`${counted(failed, "row")} could not be parsed`, EXIT.rowsRejected);
  }
}

async function parseBatches(
  input: string,
  options: ParseOptions,
  threads: BatchWorkers,
  output: TextOutput,
): Promise<number> {
  const batches = await givenBatches(await inputFile(input), [options.column]);
  let failed = 0;
  for await (const done of threads.inOrder(withWork({ kind: "parse", options }, input, batches))) {
    failed += done.failed;
    await output.write(done.lines);
  }
  return failed;
}
