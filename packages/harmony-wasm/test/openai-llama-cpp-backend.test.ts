/** The llama.cpp backend against a real server that answers what llama.cpp's answered. */

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { BackendError, llamaCppBackend } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { capture, collected, engine, replay, request } from "./backend-server.ts";
import { failureOf } from "./support.ts";

const answer = (tokens: number[], stop_type: string) => ({
  content: "",
  tokens,
  stop_type,
  tokens_predicted: tokens.length,
});
const json = (response: ServerResponse, body: unknown) =>
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));

test("every id of a captured answer arrives", async () => {
  const wire = capture("llama-server-completion");
  const { url, received } = await engine((response) => replay(response, wire));
  const backend = llamaCppBackend({ baseURL: url, sliceTokens: 40 });
  const got = await collected(backend.generate(request()));
  expect(got.tokens).toEqual(JSON.parse(wire.body).tokens);
  expect(got.tokens.at(-1)).toBe(200002);
  expect(got.reasons).toEqual(["stop"]);
  expect(received).toMatchObject([{ path: "/completion", body: { return_tokens: true } }]);
});

test("slices continue each other", async () => {
  const { url, received } = await engine((response, _, count) =>
    json(response, count < 3 ? answer([count, 90], "limit") : answer([200002], "eos")),
  );
  const backend = llamaCppBackend({ baseURL: url, sliceTokens: 2 });
  const got = await collected(backend.generate(request({ seed: 7 })));
  expect(got).toMatchObject({ tokens: [1, 90, 2, 90, 200002], reasons: ["stop"] });
  expect(received.map(({ body }) => body.prompt)).toEqual([
    [200006, 173781],
    [200006, 173781, 1, 90],
    [200006, 173781, 1, 90, 2, 90],
  ]);
  expect(received.map(({ body }) => body.seed)).toEqual([7, 8, 9]);
});

test("the maximum ends the last slice", async () => {
  const { url, received } = await engine((response, { body }) =>
    json(response, answer(Array(Number(body.n_predict)).fill(9), "limit")),
  );
  const backend = llamaCppBackend({ baseURL: url, sliceTokens: 2 });
  const got = await collected(backend.generate(request({ maxTokens: 5 })));
  expect(got).toMatchObject({ tokens: [9, 9, 9, 9, 9], reasons: ["length"] });
  expect(received.map(({ body }) => body.n_predict)).toEqual([2, 2, 1]);
});

test("a full context ends the completion", async () => {
  const { url } = await engine((response) => json(response, answer([9, 9, 9], "limit")));
  const got = await collected(llamaCppBackend({ baseURL: url }).generate(request()));
  expect(got).toMatchObject({ tokens: [9, 9, 9], reasons: ["length"] });
});

test("nothing comes after a stop token that the server does not know", async () => {
  const { url } = await engine((response) => json(response, answer([8, 200007, 3], "limit")));
  const backend = llamaCppBackend({ baseURL: url, sliceTokens: 3 });
  const got = await collected(backend.generate(request({ stopTokens: [200007] })));
  expect(got).toMatchObject({ tokens: [8, 200007], reasons: ["stop"] });
});

test("log probabilities are of ids", async () => {
  const { url } = await engine((response) =>
    replay(response, capture("llama-server-completion-probs")),
  );
  const backend = llamaCppBackend({ baseURL: url, sliceTokens: 3 });
  const got = await collected(backend.generate(request({ logprobs: 2, maxTokens: 3 })));
  expect(got.logprobs).toMatchObject([
    { token: 200005, logprob: -0.17277556657791138, top: [{ token: 200005 }, { token: 316 }] },
    { token: 17196 },
    { token: 200008 },
  ]);
});

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    "an error",
    (response) => replay(response, capture("llama-server-completion-bad-id")),
    "Prompt contains invalid tokens",
  ],
  [
    "lost ids",
    (response) => json(response, { ...answer([250], "limit"), tokens_predicted: 4 }),
    "expected the 4 sampled ids from the backend, got 1 tokens",
  ],
  [
    "no ids",
    (response) => json(response, { content: "x", stop_type: "limit", tokens_predicted: 1 }),
    "does not support return_tokens",
  ],
  ["half an answer", (response) => response.writeHead(200).end('{"tokens":'), "expected JSON"],
])("%s is a BackendError", async (_, respond, says) => {
  const { url } = await engine(respond);
  const failure = await failureOf(() =>
    collected(llamaCppBackend({ baseURL: url }).generate(request())),
  );
  expect(failure).toBeInstanceOf(BackendError);
  expect(String(failure)).toContain(says);
});

test("an abort closes the connection", async () => {
  const controller = new AbortController();
  let closed: Promise<unknown> | undefined;
  const { url } = await engine((response) => {
    closed = once(response, "close");
    controller.abort(new Error("gone"));
  });
  const chunks = llamaCppBackend({ baseURL: url }).generate(request({ signal: controller.signal }));
  expect(String(await failureOf(() => collected(chunks)))).toContain("gone");
  await closed;
});

test("a slice has at least one id", () => {
  expect(() => llamaCppBackend({ baseURL: "http://engine", sliceTokens: 0 })).toThrow(RangeError);
});
