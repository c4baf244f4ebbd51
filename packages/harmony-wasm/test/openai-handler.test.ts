/** The server's half of the handler: requests that it takes and refuses, and whole answers. */

import { expect, test } from "vitest";
import { HarmonyError } from "../src/errors.ts";
import { BackendError } from "../src/openai/backends/backend.ts";
import { type HandlerOptions, handlerOver } from "../src/openai/handler/handler.ts";
import { error, giving, handler, messages, post, sampled } from "./handler-support.ts";

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

test.each([
  [400, '{"message":"maximum context length is 9"}', "context_length_exceeded", "length is 9"],
  [400, '{"error":{"type":"exceed_context_size_error"}}', "context_length_exceeded", "400"],
  [500, '{"message":"context length"}', "backend_error", "context length"],
  [401, '{"error":"Unauthorized"}', "backend_error", "Unauthorized"],
  [404, '{"detail":"Not Found"}', "backend_error", "Not Found"],
  [422, '{"detail":[{"msg":"no"}]}', "backend_error", "it answered 422 without a reason"],
  [500, '{"message":"no escape: \\x"}', "backend_error", "it answered 500 without a reason"],
])("an engine that answers %i and %s", async (status, body, code, message) => {
  const { answer } = handler({
    backend: giving([], () => {
      throw new BackendError("it failed", { status, body });
    }),
  });
  const response = await answer(post({ text: "Hi" }));
  expect(response.status).toBe(status === 400 ? 400 : 502);
  const given = { code, message: expect.stringContaining(message) };
  expect(await response.json()).toMatchObject({ error: given });
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

test.each(["cross-site", "same-site"])("a page that is %s samples nothing", async (site) => {
  // A page may send text without asking first, and need not read the answer.
  const headers = { origin: "https://app.example", "sec-fetch-site": site };
  const sent = async (cors: HandlerOptions["cors"], init: object = { headers }) => {
    const { answer, events } = handler({ cors });
    const { status } = await answer(post({ text: "Hi" }, init));
    return [status, events.length];
  };
  for (const cors of [undefined, ["https://other.example"]]) {
    expect(await sent(cors)).toEqual([403, 0]);
  }
  expect(await sent(["https://app.example"])).toEqual([200, 1]);
  expect(await sent(undefined, { headers: { "sec-fetch-site": "same-origin" } })).toEqual([200, 1]);
  // It asked before it sent JSON, and a server around the handler may have allowed it.
  const asked = { headers: { ...headers, "content-type": "application/json; charset=utf-8" } };
  expect(await sent(undefined, asked)).toEqual([200, 1]);
});

test("a compressed body is refused as what it is", async () => {
  const { answer } = handler();
  const response = await answer(post({ text: "Hi" }, { headers: { "content-encoding": "gzip" } }));
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({
    error: { message: "expected a body that is not compressed, got content-encoding gzip" },
  });
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
  const root = await answer(new Request("http://server/"));
  expect(await root.text()).toContain("there is no /, only /v1/messages");
  const missing = await answer(new Request("http://server/v1/embeddings"));
  expect([missing.status, await missing.json()]).toMatchObject([404, error("not_found")]);
  const wrong = await answer(new Request("http://server/v1/messages"));
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
});

test("HEAD has the status and the headers of GET, and no body", async () => {
  const { answer } = handler({ apiKeys: ["key"] });
  const init = { method: "HEAD", headers: { authorization: "Bearer key" } };
  for (const [path, status] of [
    ["/v1/models", 200],
    ["/v1/models/other", 404],
    ["/v1/messages", 405],
  ] as const) {
    const url = `http://server${path}`;
    const head = await answer(new Request(url, init));
    const get = await answer(new Request(url, { ...init, method: "GET" }));
    expect([head.status, head.body]).toEqual([status, null]);
    expect([...head.headers]).toEqual([...get.headers]);
  }
  expect((await answer(new Request("http://server/v1/models", { method: "HEAD" }))).status).toBe(
    401,
  );
  const wrong = await answer(new Request("http://server/v1/models", { ...init, method: "PUT" }));
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test.each([
  [429, "7", "7"],
  [503, "Sat, 28 Nov 2026 21:00:00 GMT", "Sat, 28 Nov 2026 21:00:00 GMT"],
  [503, "soon", null],
  [503, undefined, null],
  // The engine's own trouble is a 502 here, which is not a matter of time.
  [500, "7", null],
])("an engine that answers %i with retry-after %s", async (status, retryAfter, passedOn) => {
  const { answer } = handler({
    backend: giving([], () => {
      throw new BackendError("busy", { status, body: "{}", retryAfter });
    }),
  });
  const response = await answer(post({ text: "Hi" }));
  expect(response.status).toBe(status === 500 ? 502 : status);
  expect(response.headers.get("retry-after")).toBe(passedOn);
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
