/** Streams of the handler: what they carry, and how they end with their client or their backend. */

import { setImmediate } from "node:timers/promises";
import { parseStream } from "harmony-wasm";
import type { Backend } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { BackendError } from "../src/openai/backends/backend.ts";
import { encoding, error, giving, handler, never, post, sampled } from "./handler-support.ts";

/** An id that ends a completion. */
const STOP = encoding.stopTokensForAssistantActions()[0] ?? Number.NaN;

test("a stream has every id", async () => {
  const { answer, events } = handler();
  const response = await answer(post({ text: "Hi", stream: true }));
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const text = await response.text();
  expect(text).toBe(Array.from(sampled, (token) => `data: [${token}]\n\n`).join(""));
  expect(events).toMatchObject([{ type: "completed" }]);
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
  const backend = giving([STOP], async () => {
    await go.promise;
  });
  const { answer } = handler({ backend, keepAliveMs: 1 });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  let text = await read();
  while (!text.includes(": keep-alive\n\n")) text += await read();
  go.resolve();
  for (let more = await read(); more !== ""; more = await read()) text += more;
  expect(text.replaceAll(": keep-alive\n\n", "")).toBe(`data: [${STOP}]\n\n`);
});

test("events that are there go out together, and one that is not is not waited for", async () => {
  const go = Promise.withResolvers<void>();
  const backend: Backend = {
    async *generate() {
      for (const token of [1, 2, 3]) yield { tokens: [token] };
      await go.promise;
      yield { tokens: [STOP] };
    },
  };
  const { answer } = handler({ backend });
  const reader = (await answer(post({ text: "Hi", stream: true }))).body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await read()).toBe("data: [1]\n\ndata: [2]\n\ndata: [3]\n\n");
  go.resolve();
  expect(await read()).toBe(`data: [${STOP}]\n\n`);
  expect(await read()).toBe("");
});

test("the streamed answer parses as the sampled one", async () => {
  const text = await (await handler().answer(post({ text: "Hi", stream: true }))).text();
  const tokens = [...text.matchAll(/\[(\d+)\]/g)].map(([, id]) => Number(id));
  const types: string[] = [];
  for await (const event of parseStream(encoding, tokens, { role: "assistant" })) {
    types.push(event.type);
  }
  expect(types).toEqual(["message-start", "content-delta", "content-delta", "message-end"]);
});
