/**
 * Streams that do not end as they should, over real connections: the engine dies
 * at any byte, the client leaves, or reads no further.
 */

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { completionsBackend, createHarmonyHandler, type HandlerEvent } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { engine } from "./backend-server.ts";

const encoding = loadHarmonyEncodingSync();
const COMPLETION =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary" +
  "<|message|>Let me look.<|end|><|start|>assistant to=functions.weather<|channel|>commentary" +
  ' <|constrain|>json<|message|>{"city":"Oslo 🦜"}<|call|>';
const tokens = Array.from(encoding.encode(COMPLETION, { allowedSpecial: "all" }));
const TYPE = { "content-type": "text/event-stream" };

const event = (token_ids: readonly number[], finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ token_ids, text: "", finish_reason }] })}\n\n`;
const wire = tokens.map((token) => event([token])).join("");
const whole = Buffer.from(`${wire}${event([], "stop")}data: [DONE]\n\n`);
/** From here on nothing of the completion is missing. */
const enough = Buffer.byteLength(`${wire}${event([], "stop")}`);

const PROTOCOLS = {
  "/v1/chat/completions": { messages: [{ role: "user", content: "Weather?" }] },
  "/v1/responses": { input: "Weather?" },
} as const;

async function serving(answer: (response: ServerResponse) => unknown) {
  const { url } = await engine(answer);
  const events: HandlerEvent[] = [];
  const handler = createHarmonyHandler({
    backend: completionsBackend({ baseURL: `${url}/v1` }),
    encoding,
    onEvent: (each) => events.push(each),
  });
  const ask = (path: keyof typeof PROTOCOLS, init: RequestInit = {}) =>
    handler(
      new Request(`http://harmony${path}`, {
        method: "POST",
        body: JSON.stringify({ ...PROTOCOLS[path], stream: true }),
        ...init,
      }),
    );
  return { ask, events };
}

/** The data of each event; a half one is not JSON. */
function dataOf(text: string): Record<string, unknown>[] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .split("\n\n")
    .slice(0, -1)
    .flatMap((each) => /^data: (.*)$/m.exec(each)?.[1] ?? [])
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data));
}

/** What the deltas say, whatever they are of. */
function saidBy(events: readonly Record<string, unknown>[]): string {
  return events
    .map(({ choices, delta }) => {
      if (typeof delta === "string") return delta;
      const [choice] = Array.isArray(choices) ? choices : [];
      const { content = "", reasoning = "", tool_calls = [] } = choice?.delta ?? {};
      return `${reasoning}${content}${tool_calls[0]?.function?.arguments ?? ""}`;
    })
    .join("");
}

function isFailure({ error, type }: Record<string, unknown>): boolean {
  return type === "response.failed" || type === "error" || error !== undefined;
}

test.each(["/v1/chat/completions", "/v1/responses"] as const)(
  "%s: a connection that breaks off is not one that was never there",
  async (path) => {
    const { ask } = await serving(async (response) => {
      response.writeHead(200, TYPE);
      response.write(event(tokens.slice(0, 5)));
      await setImmediate();
      response.destroy();
    });
    const text = await (await ask(path)).text();
    expect(text).toContain("the connection to the backend broke off");
  },
);

/** Every seventh byte, which falls on all kinds of places in an event. */
const CUTS = Array.from({ length: Math.ceil(whole.length / 7) }, (_, index) => index * 7);

test.each(["/v1/chat/completions", "/v1/responses"] as const)(
  "%s: an engine that dies at any byte leaves whole events and an error",
  async (path) => {
    let cut = whole.length;
    const { ask, events } = await serving((response) => {
      response.writeHead(200, TYPE);
      response.write(whole.subarray(0, cut), () => response.destroy());
    });
    const said = saidBy(dataOf(await (await ask(path)).text()));
    expect(said).toContain('{"city":"Oslo 🦜"}');
    for (cut of CUTS.filter((at) => at < enough)) {
      const response = await ask(path);
      const text = await response.text();
      if (response.status !== 200) {
        expect([response.status, JSON.parse(text)]).toMatchObject([502, { error: {} }]);
        continue;
      }
      const data = dataOf(text);
      expect(data.filter(isFailure)).toEqual([data.at(-1)]);
      expect(text).not.toMatch(/\[DONE\]|response\.completed|"finish_reason":"/);
      expect(said.startsWith(saidBy(data))).toBe(true);
    }
    expect(new Set(events.slice(1).map(({ type }) => type))).toEqual(new Set(["failed"]));
  },
);

test("a client that leaves, before the first event or after it, closes the connection to the engine", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { ask, events } = await serving((response) => {
    closed = once(response, "close");
    response.writeHead(200, TYPE);
    response.write(wire);
  });
  for (let reads = 0; reads < 2; reads += 1) {
    const reader = (await ask("/v1/responses")).body?.getReader();
    for (let read = 0; read < reads; read += 1) await reader?.read();
    // The event is reported before the cancel is over: nothing is waited for in between.
    await reader?.cancel();
    expect(events).toHaveLength(reads + 1);
    await closed;
  }
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["cancelled"]));
});

test("a reader that stops stops the engine, however much it has", async () => {
  const MEGABYTES = 200;
  const many = Buffer.from(event([tokens[3] ?? 0]).repeat(1_000));
  let written = 0;
  let sent: ServerResponse | undefined;
  const { ask } = await serving(async (response) => {
    sent = response.writeHead(200, TYPE);
    response.write(event(tokens.slice(0, 3)));
    while (written < MEGABYTES * 2 ** 20 && !response.destroyed) {
      written += many.length;
      await new Promise<void>((resolve) => response.write(many, () => resolve()));
    }
  });
  const reader = (await ask("/v1/chat/completions")).body?.getReader();
  await reader?.read();
  await reader?.read();
  // Turns of the event loop, not time: what is on its way arrives in some of them.
  for (let turns = 0, before = -1; turns < 300; turns += 1) {
    await setImmediate();
    if (written !== before) turns = 0;
    before = written;
  }
  expect(sent?.writableNeedDrain).toBe(true);
  expect(written).toBeLessThan((MEGABYTES / 4) * 2 ** 20);
  await reader?.cancel();
});
