#!/usr/bin/env node
/** The program: its commands, and how it ends. */

import { Command, CommanderError } from "commander";
import { addCount } from "./commands/count.ts";
import { addDiff } from "./commands/diff.ts";
import { addEncode } from "./commands/encode.ts";
import { addInspect } from "./commands/inspect.ts";
import { addParse } from "./commands/parse.ts";
import { addRender } from "./commands/render.ts";
import { addStats } from "./commands/stats.ts";
import { addVerify } from "./commands/verify.ts";
import { CommandError, EXIT } from "./exit.ts";
import { VERSION } from "./provenance.ts";

const COMMANDS = [
  addRender,
  addParse,
  addEncode,
  addCount,
  addInspect,
  addVerify,
  addDiff,
  addStats,
];

function program(): Command {
  const harmony = new Command("harmony")
    .description("exact token ids of the harmony format (gpt-oss), from JSONL to trainers' files")
    .version(VERSION)
    .showHelpAfterError("(harmony --help lists the commands and their options)")
    .exitOverride();
  for (const add of COMMANDS) add(harmony);
  for (const command of harmony.commands) command.exitOverride();
  return harmony;
}

/** Runs the command; what a person can act on is one line on stderr. */
async function main(): Promise<number> {
  try {
    await program().parseAsync();
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`harmony: ${error.message}\n`);
    return error.exitCode;
  }
}

const code = await main();
// All is written; an input that nobody reads any more would keep the program.
if (code !== EXIT.done) process.exit(code);
