/** The completions backend against a real server that answers what vLLM answered. */

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { BackendError, completionsBackend } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { capture, collected, engine, replay, request } from "./backend-server.ts";
import { failureOf } from "./support.ts";

const encoding = loadHarmonyEncodingSync();

/** The ids of a captured stream, by their spelling in it. */
function idsIn(body: string): number[] {
  return [...body.matchAll(/"token_ids":\[([\d,]*)\]/g)].flatMap(([, ids = ""]) =>
    ids === "" ? [] : ids.split(",").map(Number),
  );
}

/** An event stream of these data. */
function events(response: ServerResponse, data: readonly unknown[], end = true): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const each of data) {
    response.write(`data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`);
  }
  if (end) response.end();
}

const chunk = (
  token_ids: number[] | undefined,
  finish_reason: string | null = null,
  text = "x",
) => ({
  choices: [{ index: 0, text, token_ids, finish_reason }],
});

test("every id of a captured stream arrives, and the reason", async () => {
  const wire = capture("vllm-completions-stream");
  const { url } = await engine((response) => replay(response, wire));
  const got = await collected(completionsBackend({ baseURL: `${url}/v1` }).generate(request()));
  expect(got.tokens).toEqual(idsIn(wire.body));
  expect(got.tokens).toHaveLength(60);
  expect(got.reasons).toEqual(["length"]);
});

test("characters of several ids keep each id", async () => {
  const wire = capture("vllm-emoji-stream");
  const { url } = await engine((response) => replay(response, wire));
  const got = await collected(completionsBackend({ baseURL: `${url}/v1` }).generate(request()));
  expect(got.tokens.slice(0, 4)).toEqual([172, 253, 99, 250]);
  expect(encoding.decode(got.tokens)).toContain("🦜 𓀀 ok");
});

test("a stream cut at any byte is the same stream", async () => {
  const wire = capture("vllm-emoji-stream");
  const bytes = new TextEncoder().encode(wire.body);
  for (const size of [1, 2, 3, 7, 64]) {
    const fetch = async () => new Response(inPieces(bytes, size), streaming);
    const backend = completionsBackend({ baseURL: "http://engine/v1", fetch });
    expect((await collected(backend.generate(request()))).tokens).toEqual(idsIn(wire.body));
  }
});

test("the request has what the server must know", async () => {
  const { url, received } = await engine((response) => events(response, [chunk([1], "stop")]));
  const backend = completionsBackend({
    baseURL: `${url}/v1/`,
    model: "gpt-oss",
    apiKey: "secret",
    headers: { "x-route": "7" },
  });
  await collected(
    backend.generate(request({ maxTokens: 9, temperature: 0.5, logitBias: { "5": -100 } })),
  );
  expect(received).toMatchObject([
    {
      path: "/v1/completions",
      headers: { authorization: "Bearer secret", "x-route": "7" },
      body: {
        model: "gpt-oss",
        prompt: [200006, 173781],
        max_tokens: 9,
        temperature: 0.5,
        logit_bias: { "5": -100 },
        stop_token_ids: [200002, 200012],
        return_token_ids: true,
        stream: true,
      },
    },
  ]);
});

test("without a maximum the completion is not cut at the server's 16 ids", async () => {
  const { url, received } = await engine((response) => events(response, [chunk([1], "stop")]));
  await collected(completionsBackend({ baseURL: url }).generate(request()));
  await collected(completionsBackend({ baseURL: url, contextLength: 50 }).generate(request()));
  expect(received.map(({ body }) => body.max_tokens)).toEqual([null, 48]);
});

test("log probabilities are of ids", async () => {
  const logprobs = {
    tokens: ["token_id:7"],
    token_logprobs: [-0.5],
    top_logprobs: [{ "token_id:7": -0.5, "token_id:9": -1.5 }],
  };
  const { url } = await engine((response) =>
    events(response, [
      { choices: [{ text: "x", token_ids: [7], finish_reason: "stop", logprobs }] },
    ]),
  );
  const got = await collected(
    completionsBackend({ baseURL: url }).generate(request({ logprobs: 2 })),
  );
  const top = [
    { token: 7, logprob: -0.5 },
    { token: 9, logprob: -1.5 },
  ];
  expect(got.logprobs).toEqual([{ token: 7, logprob: -0.5, top }]);
});

test("a server that drops token_ids is named at the first chunk", async () => {
  const wire = capture("llama-server-v1-completions-stream");
  const { url } = await engine((response) => replay(response, wire));
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: `${url}/v1` }).generate(request())),
  );
  expect(failure).toBeInstanceOf(BackendError);
  expect(String(failure)).toContain("does not support return_token_ids");
  expect(String(failure)).toContain("llamaCppBackend");
});

test("an error has the status and the body", async () => {
  const { url } = await engine((response) => replay(response, capture("vllm-completions-bad-id")));
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: `${url}/v1` }).generate(request())),
  );
  expect(failure).toMatchObject({ status: 400, name: "BackendError" });
  expect(String(failure)).toContain("Token id 201088 is out of vocabulary");
});

test("an error of a busy engine has the time after which to try again", async () => {
  const { url } = await engine((response) => {
    response.writeHead(429, { "retry-after": "7" });
    response.end("{}");
  });
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: `${url}/v1` }).generate(request())),
  );
  expect(failure).toMatchObject({ status: 429, retryAfter: "7" });
});

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    "an error in mid-stream",
    (response) => events(response, [chunk([1]), { error: { message: "CUDA out of memory" } }]),
    "CUDA out of memory",
  ],
  ["an end without a reason", (response) => events(response, [chunk([1])]), "stream ended before"],
  [
    "[DONE] without a reason",
    (response) => events(response, [chunk([1]), "[DONE]"]),
    "stream ended before",
  ],
  [
    "an abort",
    (response) => events(response, [chunk([1]), chunk([], "abort", "")]),
    'ended the completion: "abort"',
  ],
  ["no JSON", (response) => events(response, [chunk([1]), "oops"]), "expected JSON"],
  ["no object", (response) => events(response, ["7"]), "expected a JSON object"],
  ["no ids", (response) => events(response, [chunk([1.5])]), "got token_ids [1.5]"],
  ["negative ids", (response) => events(response, [chunk([-1])]), "got token_ids [-1]"],
  [
    "ids that vanish in mid-stream",
    (response) => events(response, [chunk([1]), chunk(undefined)]),
    "got no token_ids",
  ],
  [
    "a page instead of a stream",
    (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    "content type is text/html",
  ],
  [
    "a connection that breaks",
    (response) => {
      events(response, [chunk([1])], false);
      response.destroy();
    },
    "be",
  ],
])("%s is a BackendError", async (_, answer, says) => {
  const { url } = await engine(answer);
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: url }).generate(request())),
  );
  expect(failure).toBeInstanceOf(BackendError);
  expect(String(failure)).toContain(says);
});

test("an event without an end is not gathered for ever", async () => {
  const endless = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: ")),
    pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(120)),
  });
  const fetch = async () => new Response(endless, streaming);
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: "http://engine", fetch }).generate(request())),
  );
  expect(String(failure)).toContain("an event of the backend is longer than");
});

test("a connection that was just closed is used once more", async () => {
  const { url, received } = await engine((response, _, count) =>
    count === 1 ? response.destroy() : events(response, [chunk([5], "stop")]),
  );
  const got = await collected(completionsBackend({ baseURL: url }).generate(request()));
  expect(got.tokens).toEqual([5]);
  expect(received).toHaveLength(2);
});

test("a server that is not there is an error with its cause", async () => {
  const failure = await failureOf(() =>
    collected(completionsBackend({ baseURL: "http://127.0.0.1:1" }).generate(request())),
  );
  expect(failure).toBeInstanceOf(BackendError);
  expect(String(failure)).toContain("cannot be reached");
});

test.each(["abort", "return"])("leaving by %s closes the connection", async (way) => {
  let closed: Promise<unknown> | undefined;
  const { url } = await engine((response) => {
    closed = once(response, "close");
    events(response, [chunk([1])], false);
  });
  const controller = new AbortController();
  const backend = completionsBackend({ baseURL: url });
  const chunks = backend.generate(request({ signal: controller.signal }))[Symbol.asyncIterator]();
  expect((await chunks.next()).value).toMatchObject({ tokens: [1] });
  if (way === "return") await chunks.return?.();
  else {
    controller.abort(new Error("gone"));
    await expect(chunks.next()).rejects.toThrow();
  }
  await closed;
});

test("a reader that stops is not read for", async () => {
  let pulled = 0;
  const bytes = new TextEncoder().encode(`data: ${JSON.stringify(chunk([1]))}\n\n`);
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = async () => new Response(body, streaming);
  const chunks = completionsBackend({ baseURL: "http://engine", fetch }).generate(request());
  const reader = chunks[Symbol.asyncIterator]();
  await reader.next();
  await reader.next();
  await new Promise(setImmediate);
  expect(pulled).toBe(2);
  await reader.return?.();
});

const streaming = { headers: { "content-type": "text/event-stream" } };

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}
