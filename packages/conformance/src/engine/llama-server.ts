/** llama.cpp's server, with the smallest gpt-oss, in a process of its own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonWith } from "harmony-scripts/setup/python-environment.mjs";

/** A server that runs. */
export interface LlamaServer {
  url: string;
  close(): void;
}

/** Starts the server; it also ends with this process. */
export async function llamaServer(model: string): Promise<LlamaServer> {
  const folder = fileURLToPath(new URL("./", import.meta.url));
  const requirements = `${folder}requirements.txt`;
  const python = await pythonWith("engine", requirements, "a few seconds");
  const args = [`${folder}llama_server.py`, model];
  const server = spawn(python, args, { stdio: ["pipe", "pipe", "ignore"] });
  const [line] = await once(createInterface(server.stdout), "line");
  return { url: String(line), close: () => server.stdin.end() };
}
