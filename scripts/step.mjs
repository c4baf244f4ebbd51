// Named steps with their duration; a step that fails reports the command and what
// to do. Runs on Node 18 without packages, because the set-up uses it first.

import { spawn, spawnSync } from "node:child_process";

const QUIET_LINES = 30;

/** A failure that a person can act on. */
export class StepError extends Error {
  constructor(message, { command, output, advice } = {}) {
    super(message);
    Object.assign(this, { command, output, advice });
  }
}

/** A step that this machine cannot run, with the reason. */
export class NotRunError extends StepError {
  constructor(reason) {
    super(`not run: ${reason.message}`, reason);
  }
}

/** Runs `action` as a named step and passes on what it returns. */
export async function step(name, action) {
  const started = performance.now();
  process.stdout.write(`▸ ${name}\n`);
  try {
    const result = await action();
    process.stdout.write(`✓ ${name} (${seconds(started)})\n`);
    return result;
  } catch (error) {
    process.stdout.write(`✗ ${name} (${seconds(started)})\n`);
    throw error;
  }
}

/** Waits for all of them, then fails with the first failure. */
export async function together(...promises) {
  for (const { reason } of await Promise.allSettled(promises)) if (reason) throw reason;
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

/** Runs a whole script: a StepError is explained, and the exit code is 1. */
export async function main(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const lines = [
      error.output,
      `\n${error.message}`,
      error.command && `  command: ${error.command}`,
      error.advice && `  what to do: ${error.advice}`,
    ];
    process.stderr.write(`${lines.filter(Boolean).join("\n")}\n`);
    process.exitCode = 1;
  }
}

/**
 * Runs a command and resolves to its output (`stdout` is without stderr). If the
 * command fails, the end of the output is shown. With `show`, the command writes
 * to our own output instead.
 */
export function run(command, args, { env, cwd, advice, show = false, mayFail = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let stdout = "";
    child.stdout?.on("data", (data) => {
      stdout += data;
      output += data;
    });
    child.stderr?.on("data", (data) => {
      output += data;
    });
    const failed = (reason) =>
      reject(
        new StepError(reason, {
          command: [command, ...args].join(" "),
          output: output.split("\n").slice(-QUIET_LINES).join("\n"),
          advice,
        }),
      );
    child.on("error", (error) => failed(`${command} could not be started: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0 || mayFail) resolve({ code, output, stdout });
      else failed(`${command} ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

/** The output of a quick command, or undefined if it is missing or fails. */
export function ask(command, args, { env, cwd } = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : undefined;
}
