#!/usr/bin/env node
/** The program: its commands, and how it ends. */

import { Command, CommanderError } from "commander";
import { addRender } from "./commands/render.ts";
import { CommandError, EXIT } from "./exit.ts";
import { VERSION } from "./provenance.ts";

function program(): Command {
  const harmony = new Command("harmony")
    .description("exact token ids of the harmony format (gpt-oss), from JSONL to trainers' files")
    .version(VERSION)
    .showHelpAfterError("(harmony --help lists the commands and their options)")
    .exitOverride();
  addRender(harmony);
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

process.exitCode = await main();
