/** The program: its commands, its errors and its exit code. */

import { Command, CommanderError } from "commander";
import { addCount } from "./commands/count.ts";
import { addDiff } from "./commands/diff.ts";
import { addEncode } from "./commands/encode.ts";
import { addInspect } from "./commands/inspect.ts";
import { addParse } from "./commands/parse.ts";
import { addRender } from "./commands/render.ts";
import { addServe } from "./commands/serve.ts";
import { addStats } from "./commands/stats.ts";
import { addVerify } from "./commands/verify.ts";
import { CommandError, EXIT, ReaderGone } from "./exit.ts";
import { VERSION } from "./provenance.ts";
import { TextOutput } from "./terminal/text-output.ts";

/** The commands by their groups in the help. */
const COMMANDS = {
  "Training data:": [addRender, addInspect, addStats, addCount],
  "Checks:": [addVerify, addDiff],
  "Ids and text:": [addParse, addEncode],
  "Server:": [addServe],
};

/** The help and the version are shown on `shown`. */
function program(shown: TextOutput): Command {
  const harmony = new Command("harmony")
    .configureOutput({ writeOut: (text) => shown.add(text) })
    .description(
      "exact token ids of the harmony format (gpt-oss), from JSON lines to the files of trainers",
    )
    .version(VERSION)
    .showHelpAfterError("(harmony --help lists the commands)")
    .exitOverride();
  for (const [group, commands] of Object.entries(COMMANDS)) {
    harmony.commandsGroup(group);
    for (const add of commands) add(harmony);
  }
  for (const command of harmony.commands) nameErrors(command.exitOverride());
  return harmony;
}

/** Errors of a command begin with its name, as `harmony render: …`. */
function nameErrors(command: Command): void {
  const name = `harmony ${command.name()}`;
  command
    .showHelpAfterError(`(${name} --help lists the options)`)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, `${name}: `)),
    })
    .hook("preAction", () => {
      running = name;
    });
}

/** The command that runs, for the errors of the program. */
let running = "harmony";

/** Runs the command; an error that the user can act on is one line on stderr. */
async function main(): Promise<number> {
  try {
    return await runCommand();
  } catch (error) {
    if (error instanceof ReaderGone) process.exit(EXIT.done);
    const failure = isSystemError(error) ? new CommandError(error.message) : error;
    if (!(failure instanceof CommandError)) throw failure;
    process.stderr.write(`${running}: ${failure.message}\n`);
    return failure.exitCode;
  }
}

/** Runs the command, or shows the help or the version. */
async function runCommand(): Promise<number> {
  const shown = new TextOutput();
  try {
    const harmony = program(shown);
    await harmony.parseAsync(asked(harmony, process.argv.slice(2)), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) return EXIT.usage;
    await shown.end();
  }
  return EXIT.done;
}

/** `help rendr` as `rendr`: commander would show the general help, and not that there is no such command. */
function asked(harmony: Command, words: readonly string[]): readonly string[] {
  const [help, name] = words;
  const isUnknown = !harmony.commands.some((command) => command.name() === name);
  return help === "help" && name !== undefined && isUnknown ? [name] : words;
}

/** An error of a system call; its message has the code, the call and the path. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

/** Runs the program and ends the process. */
export async function runProgram(): Promise<void> {
  const code = await main();
  // An open stdin that nobody reads would keep the process alive.
  if (code !== EXIT.done) process.exit(code);
}
