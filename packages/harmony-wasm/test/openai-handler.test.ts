/**
 * The server's half of the handler, with the smallest protocol there is: a body
 * of JSON to a prompt, and the completion's messages as the answer.
 */

import { setImmediate } from "node:timers/promises";
import { loadHarmonyEncodingSync, parseStream, systemMessage, userMessage } from "harmony-wasm";
import type { Backend, Prompt } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { HarmonyError } from "../src/errors.ts";
import { BackendError } from "../src/openai/backends/backend.ts";
import { RequestError } from "../src/openai/errors.ts";
import { type HandlerOptions, handlerOver } from "../src/openai/handler/handler.ts";
import { historyFor } from "../src/openai/handler/history.ts";
import type { Protocol } from "../src/openai/handler/protocol.ts";
import type { HandlerEvent } from "../src/openai/handler/serve.ts";

const encoding = loadHarmonyEncodingSync();
const sampled = encoding.encode("<|channel|>final<|message|>Hi there<|return|>", {
  allowedSpecial: "all",
});

const messages: Protocol = {
  idPrefix: "resp_",
  async prompt(body, _, { client }) {
    const history = await historyFor(client, body);
    const { text = "", stream = false, ids = [], n, warnings = [] } = JSON.parse(body);
    if (text === "") throw new RequestError("invalid_json", "no text", "text");
    const conversation = { messages: [systemMessage(), userMessage(text)] };
    const prompt: Prompt = {
      tokens: encoding.renderConversationForCompletion(conversation, "assistant"),
      conversation,
      stopTokens: encoding.stopTokensForAssistantActions(),
      sampling: n === undefined ? {} : { n },
      tools: new Map(),
      warnings,
      parallelToolCalls: true,
      request: { api: "responses", body: { stream } },
    };
    const known = history.find({ ids, encryptedContent: [], text: "" });
    return known === undefined ? prompt : { ...prompt, tokens: Uint32Array.from(known) };
  },
  streams: ({ request }) => request.body.stream === true,
  async answer(_, completion, { options: { id, newId, finishReason }, remember }) {
    const item = newId?.("msg_");
    await remember({ isKept: true });
    return { id, item, finishReason, text: encoding.decode(completion) };
  },
  async *events(_, source, { failure }) {
    try {
      for await (const chunk of source) {
        const tokens = typeof chunk === "object" && "tokens" in chunk ? chunk.tokens : chunk;
        yield `data: ${JSON.stringify(typeof tokens === "number" ? [tokens] : Array.from(tokens))}\n\n`;
      }
    } catch (error) {
      yield `data: ${JSON.stringify(failure?.(error))}\n\n`;
    }
  },
  failed: (failure) => `data: ${JSON.stringify(failure)}\n\n`,
};

/** Gives the ids one by one, then whatever `then` does. */
function giving(tokens: Iterable<number>, then?: (signal: AbortSignal) => unknown): Backend {
  return {
    async *generate({ signal }) {
      for (const token of tokens) yield { tokens: [token] };
      await then?.(signal);
    },
  };
}

function handler(options: Partial<HandlerOptions> = {}) {
  const events: HandlerEvent[] = [];
  const answer = handlerOver(new Map([["/v1/messages", () => messages]]), {
    backend: giving(sampled),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { answer, events };
}

function post(body: unknown, init: RequestInit = {}): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request("http://server/v1/messages", { method: "POST", body: text, ...init });
}

const error = (code: string) => ({ error: { code } });
const never = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("an answer is whole, and its end is reported without its content", async () => {
  const { answer, events } = handler();
  const response = await answer(post({ text: "Hi" }));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
    text: "<|channel|>final<|message|>Hi there<|return|>",
  });
  expect(events).toMatchObject([
    { type: "completed", path: "/v1/messages", completionTokens: sampled.length },
  ]);
  expect(JSON.stringify(events)).not.toContain("Hi");
});

test("a stream has every id", async () => {
  const { answer, events } = handler();
  const response = await answer(post({ text: "Hi", stream: true }));
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const text = await response.text();
  expect(text).toBe(Array.from(sampled, (token) => `data: [${token}]\n\n`).join(""));
  expect(events).toMatchObject([{ type: "completed" }]);
});

test.each([
  ["a body that cannot be carried over", { text: "" }, 400, "invalid_json"],
  ["several choices", { text: "Hi", n: 2 }, 400, "unsupported_value"],
])("%s is refused in OpenAI's shape", async (_, body, status, code) => {
  const { answer, events } = handler();
  const response = await answer(post(body));
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(error(code));
  expect(events).toMatchObject([{ type: "failed" }]);
});

test.each([
  [new BackendError("it broke", { status: 500, body: "{}" }), 502, "backend_error"],
  [
    new BackendError("too long", { status: 400, body: '{"message":"too long"}' }),
    400,
    "backend_error",
  ],
  [new BackendError("gone", { cause: new Error("10.0.0.7") }), 502, "backend_error"],
  [new Error("secret of the server"), 500, "internal_error"],
])("%s before the first id is a status", async (thrown, status, code) => {
  const { answer } = handler({
    backend: giving([], () => {
      throw thrown;
    }),
  });
  for (const stream of [false, true]) {
    const response = await answer(post({ text: "Hi", stream }));
    expect(response.status).toBe(status);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject(error(code));
    expect(body).not.toMatch(/secret|10\.0\.0\.7/);
  }
});

test("an error in mid-stream is the last event", async () => {
  const { answer, events } = handler({
    backend: giving([1], () => {
      throw new BackendError("it broke", { body: '{"error":{"message":"CUDA out of memory"}}' });
    }),
  });
  const response = await answer(post({ text: "Hi", stream: true }));
  expect(await response.text()).toBe(
    'data: [1]\n\ndata: {"code":"backend_error","message":"the backend failed: CUDA out of memory"}\n\n',
  );
  expect(events).toMatchObject([{ type: "failed", completionTokens: 1 }]);
});

test("a client that leaves stops a backend that is waiting", async () => {
  const stopped = Promise.withResolvers<unknown>();
  const asked = Promise.withResolvers<void>();
  const backend = giving([1], (signal) => {
    asked.resolve();
    return never(signal).catch(stopped.resolve);
  });
  const { answer, events } = handler({ backend });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  await reader?.read();
  void reader?.read().catch(() => {});
  await asked.promise;
  await reader?.cancel();
  expect(await stopped.promise).toMatchObject({ name: "AbortError" });
  expect(events).toMatchObject([{ type: "cancelled", completionTokens: 1 }]);
});

test("an aborted request stops the backend, whether or not the answer is a stream", async () => {
  for (const stream of [false, true]) {
    const stopped = Promise.withResolvers<unknown>();
    const asked = Promise.withResolvers<void>();
    const backend = giving([], (signal) => {
      asked.resolve();
      return never(signal).catch((reason) => {
        stopped.resolve(reason);
        throw reason;
      });
    });
    const controller = new AbortController();
    const { answer, events } = handler({ backend });
    const response = answer(post({ text: "Hi", stream }, { signal: controller.signal }));
    await asked.promise;
    controller.abort();
    expect(await stopped.promise).toMatchObject({ name: "AbortError" });
    await response;
    expect(events).toMatchObject([{ type: "cancelled" }]);
  }
});

test("a backend that ignores the signal does not keep its client", async () => {
  const backend = giving([1], () => new Promise(() => {}));
  const { answer, events } = handler({ backend, limits: { durationMs: 1 } });
  const response = await answer(post({ text: "Hi" }));
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject(error("timeout"));
  expect(events).toMatchObject([{ type: "failed" }]);
});

test("a stream that is never read frees its place when its time is over", async () => {
  const over = Promise.withResolvers<void>();
  const { answer } = handler({
    backend: giving([1], never),
    limits: { durationMs: 1, concurrency: 1 },
    onEvent: () => over.resolve(),
  });
  const first = await answer(post({ text: "Hi", stream: true }));
  await over.promise;
  expect((await answer(post({ text: "Hi", stream: true }))).status).not.toBe(429);
  expect(await first.text()).toContain("timeout");
});

test("a reader that stops is not sampled for", async () => {
  let given = 0;
  const endless: Backend = {
    async *generate() {
      for (;;) {
        given += 1;
        yield { tokens: [given] };
      }
    },
  };
  const { answer } = handler({ backend: endless });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  await reader?.read();
  await reader?.read();
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  // Two reads, of as many events as are sent together, and the next one.
  expect(given).toBeLessThanOrEqual(2 * 32 + 1);
  await reader?.cancel();
});

test("a comment keeps a quiet stream open, and no event is lost to it", async () => {
  const go = Promise.withResolvers<void>();
  const backend = giving([1], async () => {
    await go.promise;
  });
  const { answer } = handler({ backend, keepAliveMs: 1 });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  let text = await read();
  while (!text.includes(": keep-alive\n\n")) text += await read();
  go.resolve();
  for (let more = await read(); more !== ""; more = await read()) text += more;
  expect(text.replaceAll(": keep-alive\n\n", "")).toBe("data: [1]\n\n");
});

test("events that are there go out together, and one that is not is not waited for", async () => {
  const go = Promise.withResolvers<void>();
  const backend: Backend = {
    async *generate() {
      for (const token of [1, 2, 3]) yield { tokens: [token] };
      await go.promise;
      yield { tokens: [4] };
    },
  };
  const { answer } = handler({ backend });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await read()).toBe("data: [1]\n\ndata: [2]\n\ndata: [3]\n\n");
  go.resolve();
  expect(await read()).toBe("data: [4]\n\n");
  expect(await read()).toBe("");
});

test("only so many completions run at the same time", async () => {
  const go = Promise.withResolvers<void>();
  const backend = giving(sampled, () => go.promise);
  const { answer } = handler({ backend, limits: { concurrency: 2 } });
  const running = [answer(post({ text: "1" })), answer(post({ text: "2" }))];
  const refused = await answer(post({ text: "3" }));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  go.resolve();
  for (const each of running) expect((await each).status).toBe(200);
  expect((await answer(post({ text: "4" }))).status).toBe(200);
});

test("a body over the limit is not read to its end", async () => {
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1_000));
    },
  });
  const { answer } = handler({ limits: { bodyBytes: 10_000 } });
  const init = { method: "POST", body, duplex: "half" };
  const response = await answer(new Request("http://server/v1/messages", init));
  expect(response.status).toBe(413);
  expect(pulled).toBeLessThan(15);
});

test("a body that is not UTF-8 is refused", async () => {
  const { answer } = handler();
  const body = Uint8Array.of(0x22, 0xff, 0x22);
  const response = await answer(new Request("http://server/v1/messages", { method: "POST", body }));
  expect(response.status).toBe(400);
});

test.each([
  ["no key", {}, 401],
  ["another key", { authorization: "Bearer wrong" }, 401],
  ["the beginning of a key", { authorization: "Bearer secre" }, 401],
  ["a key", { authorization: "Bearer secret" }, 200],
])("with API keys, %s is %o", async (_, headers, status) => {
  const { answer } = handler({ apiKeys: ["other", "secret"] });
  expect((await answer(post({ text: "Hi" }, { headers }))).status).toBe(status);
});

test("keys that are empty are refused, not open to all", () => {
  expect(() => handler({ apiKeys: [] })).toThrow(TypeError);
  expect(() => handler({ apiKeys: [""] })).toThrow(TypeError);
});

test("turns are found again by their ids, and by their client only", async () => {
  const { answer } = handler({ apiKeys: ["one", "two"] });
  const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  const prompts: number[] = [];
  const { answer: asked } = handler({
    apiKeys: ["one", "two"],
    onEvent: ({ promptTokens }) => prompts.push(promptTokens),
  });
  await answer(post({ text: "Hi" }, as("one")));
  const first = await (await asked(post({ text: "Hi" }, as("one")))).json();
  for (const key of ["one", "two"]) {
    await asked(post({ text: "Hi", ids: [first.item] }, as(key)));
  }
  expect(prompts[1]).toBe(sampled.length);
  expect(prompts[2]).toBe(prompts[0]);
});

test("no page of another origin may send requests, unless it is allowed", async () => {
  const headers = { origin: "https://app.example", "access-control-request-method": "POST" };
  const preflight = () => new Request("http://server/v1/messages", { method: "OPTIONS", headers });
  const allowing = (cors: HandlerOptions["cors"]) => handler({ cors }).answer;
  const allowed = (response: Response) => response.headers.get("access-control-allow-origin");
  expect(allowed(await allowing(undefined)(preflight()))).toBe(null);
  expect(allowed(await allowing(["https://other.example"])(preflight()))).toBe(null);
  expect(allowed(await allowing(["https://app.example"])(preflight()))).toBe("https://app.example");
  expect(allowed(await allowing("*")(post({ text: "Hi" }, { headers })))).toBe("*");
});

test("warnings are a header that any text fits into", async () => {
  const warnings = [
    { code: "ignored_parameter", param: "user" },
    { code: "collapsed_schema", param: "tools[0]\r\nset-cookie: é" },
  ];
  const response = await handler().answer(post({ text: "Hi", warnings }));
  expect(response.headers.get("harmony-warnings")).toBe(
    "ignored_parameter user, collapsed_schema tools[0]??set-cookie: ?",
  );
});

test("other routes and methods are named", async () => {
  const { answer } = handler({ models: ["gpt-oss-20b"] });
  const models = await answer(new Request("http://server/v1/models"));
  expect(await models.json()).toMatchObject({ object: "list", data: [{ id: "gpt-oss-20b" }] });
  const missing = await answer(new Request("http://server/v1/embeddings"));
  expect([missing.status, await missing.json()]).toMatchObject([404, error("not_found")]);
  const wrong = await answer(new Request("http://server/v1/messages"));
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
});

test("a protocol that cannot be loaded is an error, and is loaded again by the next request", async () => {
  let loads = 0;
  const answer = handlerOver(
    new Map([
      [
        "/v1/messages",
        async () => {
          loads += 1;
          if (loads === 1) throw new HarmonyError("load_failed", "no wasm");
          return messages;
        },
      ],
    ]),
    { backend: giving(sampled) },
  );
  const refused = await answer(post({ text: "Hi" }));
  expect([refused.status, await refused.json()]).toMatchObject([500, error("load_failed")]);
  expect((await answer(post({ text: "Hi" }))).status).toBe(200);
});

test("what was streamed parses as what was sampled", async () => {
  const text = await (await handler().answer(post({ text: "Hi", stream: true }))).text();
  const tokens = [...text.matchAll(/\[(\d+)\]/g)].map(([, id]) => Number(id));
  const types: string[] = [];
  for await (const event of parseStream(encoding, tokens, { role: "assistant" })) {
    types.push(event.type);
  }
  expect(types).toEqual(["message-start", "content-delta", "content-delta", "message-end"]);
});
