/** A server that is measured: its process, its processor time and its memory, as Linux counts them. */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Ticks of the processor's clock per second: fixed on Linux. */
const TICKS = 100;

/** One process that serves. */
export class Server {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Starts it, and waits until it says its address. */
  static async start(
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<Server> {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    const lines = createInterface(child.stdout);
    const url = await new Promise<string>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
      lines.on("line", (line) => {
        const { msg, url: said } = JSON.parse(line);
        if (msg === "listening") resolve(said);
      });
    });
    return new Server(child, url);
  }

  /** Seconds of the processor so far. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** Megabytes that it holds now. */
  get megabytes(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
    return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }
}
