/** Python's `openai` over HTTP: what its helpers make of a stream is the whole answer. */

import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonWith } from "harmony-scripts/setup/python-environment.mjs";
import { createHarmonyHandler } from "harmony-wasm/openai";
import { expect, onTestFinished, test } from "vitest";
import { encoding, idsOf, scripted } from "./ai-sdk-support.ts";

const FOLDER = fileURLToPath(new URL("python/", import.meta.url));
const CALLS =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary<|message|>" +
  "Let me look. 🦜<|end|><|start|>assistant to=functions.weather<|channel|>commentary <|constrain|>json" +
  '<|message|>{"city": "Oslo"}<|call|><|start|>assistant to=functions.now<|channel|>commentary json<|message|><|call|>';
const ANSWER = "<|channel|>final<|message|>It is cold. 🫠<|return|>";
/** Whole ones, and ones cut in a header, a character and an argument. */
const COMPLETIONS = [
  CALLS,
  ANSWER,
  ...[1, 4, 13, 16, 30, 36].map((end) => idsOf(CALLS).slice(0, end)),
];

/** A server whose every completion is asked for twice: whole, and as a stream. */
async function served(): Promise<string> {
  const twice = COMPLETIONS.flatMap((completion) => [completion, completion]);
  const handler = createHarmonyHandler({ backend: scripted(...twice).backend, encoding });
  const server = createServer((request, response) => answer(handler, request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/v1`;
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const text = (await incoming.setEncoding("utf8").toArray()).join("");
  const method = incoming.method ?? "GET";
  const init = method === "GET" ? { method } : { method, body: text };
  const response = await handler(new Request(`http://localhost${incoming.url}`, init));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

test("openai, Chat Completions and Responses", async () => {
  const python = await pythonWith("clients", `${FOLDER}requirements.txt`, "a few seconds");
  const args = [`${FOLDER}openai_client.py`, await served(), String(COMPLETIONS.length)];
  const { stdout } = await promisify(execFile)(python, args);
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers).toHaveLength(2 * COMPLETIONS.length);
  // The helper adds `parsed` to every text.
  for (const { whole, streamed } of answers) expect(streamed).toMatchObject(whole);
  const [chat] = answers;
  const calls = [
    ["weather", '{"city": "Oslo"}'],
    ["now", "{}"],
  ];
  expect(chat.whole).toEqual({ content: "Let me look. 🦜", calls, finish_reason: "tool_calls" });
  expect(answers.at(COMPLETIONS.length).whole.items).toMatchObject([
    { type: "reasoning" },
    { type: "message", phase: "commentary" },
    { type: "function_call", name: "weather", arguments: '{"city": "Oslo"}' },
    { type: "function_call", name: "now", arguments: "{}" },
  ]);
});
