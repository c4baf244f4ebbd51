/**
 * A backend of the caller's own that breaks the contract: through both protocols, whole and as
 * a stream, and through the SDK's provider it is a `BackendError`, never another text.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { createHarmony } from "harmony-wasm/ai-sdk";
import {
  type Backend,
  BackendError,
  createHarmonyHandler,
  type HandlerEvent,
} from "harmony-wasm/openai";
import { describe, expect, test } from "vitest";

const encoding = loadHarmonyEncodingSync();
const ids = (text: string) => Array.from(encoding.encode(text, { allowedSpecial: "all" }));
const begun = ids("<|channel|>final<|message|>Four");

/** Yields these chunks, and ends. */
function yielding(...chunks: readonly unknown[]): Backend {
  return {
    async *generate() {
      yield* chunks as never[];
    },
  };
}

type Asked = readonly [path: string, body: object];
const REQUESTS: readonly Asked[] = [
  ["/v1/chat/completions", { messages: [{ role: "user", content: "2 + 2?" }] }],
  ["/v1/responses", { input: "2 + 2?" }],
];

async function asked(backend: Backend, [path, body]: Asked, extra: object) {
  const events: HandlerEvent[] = [];
  const onEvent = (event: HandlerEvent) => events.push(event);
  const handler = createHarmonyHandler({ backend, encoding, onEvent });
  const init = { method: "POST", body: JSON.stringify({ ...body, ...extra }) };
  const response = await handler(new Request(`http://server${path}`, init));
  return { status: response.status, text: await response.text(), events };
}

async function throughSdk(backend: Backend, options: object = {}) {
  const prompt = [{ role: "user" as const, content: "2 + 2?" }];
  return createHarmony({ backend, encoding })("m").doGenerate({ prompt, ...options });
}

/** Invalid chunks, with what the error says of them. */
const BAD: readonly [chunk: unknown, message: string][] = [
  [{ tokens: "hello" }, '"chunk.tokens" expected token ids or { tokens }, got "hello"'],
  [{ tokens: ["a"] }, '"chunk.tokens[0]" expected a number, got "a"'],
  [{ tokens: [1, null] }, '"chunk.tokens[1]" expected a number, got null'],
  [{ tokens: [Number.NaN] }, "expected an integer from 0 to 2^32 - 1, got NaN"],
  [{ tokens: [2 ** 33] }, "expected an integer from 0 to 2^32 - 1, got 8589934592"],
  [{ tokens: [1.5] }, "expected an integer from 0 to 2^32 - 1, got 1.5"],
  [{ tokens: -1 }, "expected an integer from 0 to 2^32 - 1, got -1"],
  [{ tokens: Uint8Array.of(1) }, '"chunk.tokens" expected token ids or { tokens }, got bytes'],
  [{ tokens: undefined }, '"chunk.tokens" expected token ids or { tokens }, got undefined'],
  [{ token_ids: [1] }, '"chunk" expected { tokens }, got an object with token_ids'],
  [[1], '"chunk" expected { tokens }, got an array'],
  [null, '"chunk" expected { tokens }, got null'],
  [{ tokens: [1], finishReason: "eos" }, '"chunk.finishReason" expected "stop" or "length"'],
  [{ tokens: [1], logprobs: -1 }, '"chunk.logprobs" expected an array of log probabilities'],
  [{ tokens: [1], logprobs: [-1] }, '"chunk.logprobs[0]" expected { token, logprob }, got -1'],
  [{ tokens: [1], cachedTokens: "1" }, '"chunk.cachedTokens" expected 0 or more, got "1"'],
];

/** What a `generate` returns that is not an async generator. */
const NOT_ITERABLE: readonly [returned: () => unknown, got: string][] = [
  [async () => ({ tokens: begun }), "an object (Promise)"],
  [() => Promise.reject(new Error("sampling failed")), "an object (Promise)"],
  [() => [{ tokens: begun }], "an array"],
  [() => undefined, "undefined"],
];

/** Ends without a reason: after nothing, and in the middle of a text. */
const CUT: readonly (readonly [name: string, chunks: readonly unknown[]])[] = [
  ["nothing", []],
  ["no ids", [{ tokens: [] }]],
  ["half an answer", [{ tokens: begun }]],
];

const BROKEN: (readonly [name: string, backend: Backend, message: string])[] = [
  ...BAD.map(
    ([chunk, message]) =>
      [`${JSON.stringify(chunk)}: ${message}`, yielding(chunk), message] as const,
  ),
  ...BAD.slice(0, 1).map(
    ([chunk, message]) => ["after ids", yielding({ tokens: begun }, chunk), message] as const,
  ),
  ...NOT_ITERABLE.map(
    ([generate, got]) =>
      [
        `generate returns ${got}`,
        { generate: generate as never },
        `return an async iterable of chunks, got ${got}: write async *generate()`,
      ] as const,
  ),
  ...CUT.map(
    ([name, chunks]) =>
      [
        name,
        yielding(...chunks),
        "without a stop token or a reason: yield { tokens: [], ",
      ] as const,
  ),
];

describe.each(BROKEN)("%s", (_, backend, message) => {
  test.each(REQUESTS)("%s is an error, whole and as a stream", async (...request) => {
    for (const stream of [false, true]) {
      const { status, text, events } = await asked(backend, request, { stream });
      // Once a stream has begun, the error is its last event.
      if (!stream || status !== 200) {
        expect([status, JSON.parse(text)]).toMatchObject([
          502,
          { error: { code: "backend_error" } },
        ]);
      }
      expect(text).not.toMatch(/\[DONE\]|response\.completed|response\.incomplete/);
      expect(text.replaceAll('\\"', '"')).toContain(message);
      expect(events).toMatchObject([{ type: "failed", error: expect.any(BackendError) }]);
    }
  });

  test("fails a call of the SDK", async () => {
    await expect(throughSdk(backend)).rejects.toMatchObject({
      name: "AI_APICallError",
      message: expect.stringContaining(message),
      isRetryable: false,
    });
  });
});

describe("an end whose reason the ids say", () => {
  test.each(REQUESTS)("%s: a stop token", async (...request) => {
    const backend = yielding({ tokens: begun }, { tokens: ids("<|return|>") });
    const { status, text } = await asked(backend, request, {});
    expect([status, text]).toEqual([200, expect.stringContaining('"Four"')]);
    expect(text).not.toMatch(/"length"|"incomplete"/);
    expect((await throughSdk(backend)).finishReason.unified).toBe("stop");
  });

  test("as many ids as the request allows", async () => {
    const backend = yielding({ tokens: begun });
    const limits = { max_tokens: begun.length, max_output_tokens: begun.length };
    for (const request of REQUESTS) {
      const { status, text } = await asked(backend, request, limits);
      expect([status, text]).toEqual([200, expect.stringMatching(/"length"|"incomplete"/)]);
    }
    const { finishReason } = await throughSdk(backend, { maxOutputTokens: begun.length });
    expect(finishReason.unified).toBe("length");
  });

  test("a single id as a number, and null for absent fields", async () => {
    const [last = 0, ...before] = ids("<|channel|>final<|message|>Four<|return|>").reverse();
    const chunk = { tokens: last, finishReason: null, logprobs: null, cachedTokens: null };
    const backend = yielding({ tokens: before.reverse() }, chunk);
    const { content } = await throughSdk(backend);
    expect(content).toMatchObject([{ type: "text", text: "Four" }]);
  });
});
