/**
 * An engine that answers at once, with vLLM's wire: as many ids as `max_tokens`
 * asks for, one an event, as fast as they are read. Prints its address.
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { ROOT } from "../paths.ts";
import { listening } from "./listening.ts";

const PER_WRITE = 64;

const encoding = loadHarmonyEncodingSync();
const header = encoding.encode("<|channel|>final<|message|>", { allowedSpecial: "all" });
const text = encoding.encodeOrdinary(readFileSync(`${ROOT}/README.md`, "utf8"));
const [stop = 0] = encoding.encode("<|return|>", { allowedSpecial: "all" });

/** An id and its text, as vLLM writes a chunk of one id. */
function event(token: number, finish_reason: "stop" | null = null): string {
  const choice = {
    index: 0,
    text: encoding.decode([token]),
    logprobs: null,
    finish_reason,
    stop_reason: finish_reason === null ? null : token,
    token_ids: [token],
  };
  const chunk = { id: "cmpl-1", object: "text_completion", created: 0, model: "gpt-oss" };
  return `data: ${JSON.stringify({ ...chunk, choices: [choice], usage: null })}\n\n`;
}

const first = Array.from(header, (token) => event(token)).join("");
const events = Array.from(text, (token) => event(token));
const blocks = events.map((_, index) =>
  Buffer.from(
    Array.from({ length: PER_WRITE }, (_, at) => events[(index + at) % events.length]).join(""),
  ),
);

function* completion(count: number): Generator<Buffer | string> {
  yield first;
  let sent = header.length;
  for (; sent + PER_WRITE < count; sent += PER_WRITE) {
    yield blocks[(sent - header.length) % blocks.length] ?? "";
  }
  for (; sent < count - 1; sent += 1) yield events[sent % events.length] ?? "";
  yield `${event(stop, "stop")}data: [DONE]\n\n`;
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  response.writeHead(200, { "content-type": "text/event-stream" });
  Readable.from(completion(Number(JSON.parse(body).max_tokens))).pipe(response);
});

await listening(server);
