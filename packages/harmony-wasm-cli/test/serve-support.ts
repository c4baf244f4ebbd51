/** `harmony serve` in its own process, and an engine whose answers a test gives id by id. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import OpenAI from "openai";
import { onTestFinished } from "vitest";
import { PROGRAM } from "./support.ts";

const encoding = loadHarmonyEncodingSync();

/** The ids of a completion, written with its markup. */
export function ids(text: string): number[] {
  return Array.from(encoding.encode(text, { allowedSpecial: "all" }));
}

/** One request to the engine: sends ids, and ends or breaks. */
export class Sampling {
  readonly prompt: number[];
  readonly #response: ServerResponse;
  readonly closed: Promise<unknown>;

  constructor(prompt: number[], response: ServerResponse) {
    this.prompt = prompt;
    this.#response = response;
    this.closed = once(response, "close");
  }

  send(token_ids: readonly number[], finish_reason: "stop" | null = null): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { "content-type": "text/event-stream" });
    }
    const choices = [{ token_ids, text: "", finish_reason }];
    this.#response.write(`data: ${JSON.stringify({ choices })}\n\n`);
    if (finish_reason !== null) this.#response.end("data: [DONE]\n\n");
  }

  break(): void {
    this.#response.destroy();
  }
}

/** Starts an engine with the API of vLLM; it hands each request to `sample`. */
export async function engine(sample: (sampling: Sampling) => unknown): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    await sample(new Sampling(JSON.parse(text).prompt, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/v1`;
}

/** A server that runs. */
export class Server {
  readonly process: ChildProcess;
  readonly lines: Record<string, unknown>[] = [];
  #url = "";

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [PROGRAM, "serve", "--port", "0", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  get url(): string {
    return this.#url;
  }

  /** Waits until it listens, and keeps its log. */
  async listening(): Promise<this> {
    const { stdout } = this.process;
    if (stdout === null) throw new Error("no stdout");
    await new Promise<void>((resolve, reject) => {
      createInterface(stdout).on("line", (line) => {
        const fields = JSON.parse(line);
        this.lines.push(fields);
        if (fields.msg !== "listening") return;
        this.#url = fields.url;
        resolve();
      });
      this.process.once("exit", (code) => reject(new Error(`ended with ${code}`)));
    });
    return this;
  }

  client(apiKey = "none"): OpenAI {
    return new OpenAI({ apiKey, baseURL: `${this.#url}/v1`, maxRetries: 0 });
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}${path}`, { headers });
  }

  /** Sends SIGTERM and waits for the end; gives the exit code. */
  async stopped(): Promise<number | null> {
    const closed = once(this.process, "close");
    this.process.kill("SIGTERM");
    const [code] = await closed;
    return code;
  }
}

/** Starts a server, and waits until it listens. */
export function serving(args: readonly string[], env?: Record<string, string>): Promise<Server> {
  return new Server(args, env).listening();
}
