/** A stream that fails keeps what it has said, in the events and in the response. */

import {
  createHarmonyHandler,
  promptFromResponses,
  type ResponseStreamEvent,
  responseEvents,
} from "harmony-wasm/openai";
import OpenAI from "openai";
import { expect, it } from "vitest";
import { encoding, ids } from "./ai-sdk-support.ts";

const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];
const FINAL = "<|channel|>final<|message|>He";
const CUT = [
  ["an answer", FINAL, { type: "message", content: [{ text: "He" }] }],
  ["a thought", "<|channel|>analysis<|message|>Hm", { content: [{ text: "Hm" }] }],
  ["a call", '<|channel|>commentary to=functions.f<|message|>{"a', { arguments: '{"a' }],
  ["a call without content", "<|channel|>commentary to=functions.f<|message|>", { arguments: "" }],
] as const;

async function eventsOf(completion: string) {
  const prompt = promptFromResponses(encoding, { input: "hi", tools });
  async function* source() {
    yield ids(completion);
    throw new Error("gone");
  }
  const failure = () => ({ code: "server_error", message: "gone" });
  const events: ResponseStreamEvent[] = [];
  for await (const event of responseEvents(encoding, prompt, source(), { failure }))
    events.push(event);
  return events;
}

it.each(CUT)("%s is ended as incomplete", async (_name, completion, item) => {
  const events = await eventsOf(completion);
  const last = events.at(-1);
  if (last?.type !== "response.failed") throw new Error("it did not fail");
  const done = events.at(-2);
  if (done?.type !== "response.output_item.done") throw new Error("the item was not ended");
  expect(done.item).toMatchObject({ ...item, status: "incomplete" });
  expect(last.response).toMatchObject({ status: "failed", output: [done.item] });
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
});

it("complete items stay complete, and an open header is not an item", async () => {
  const thought = "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>fin";
  const events = await eventsOf(thought);
  expect(events.at(-1)).toMatchObject({
    response: { status: "failed", output: [{ type: "reasoning", status: "completed" }] },
  });
  const ends = events.filter(({ type }) => type === "response.output_item.done");
  expect(ends).toHaveLength(1);
});

it("an answer after a whole message is incomplete, and its thought is counted", async () => {
  const before = "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant";
  const events = await eventsOf(`${before}<|channel|>analysis<|message|>Two cities`);
  expect(events.at(-1)).toMatchObject({
    response: {
      output: [{ status: "completed" }, { status: "incomplete" }],
      usage: {
        output_tokens_details: {
          reasoning_tokens: encoding.countTokens("Hm") + encoding.countTokens("Two cities"),
        },
      },
    },
  });
});

it("the client of the openai package accumulates the same output", async () => {
  const backend = {
    async *generate() {
      yield { tokens: ids(FINAL) };
      throw new Error("gone");
    },
  };
  const handler = createHarmonyHandler({ backend, encoding });
  const fetch: typeof globalThis.fetch = (input, init) => handler(new Request(input, init));
  const openai = new OpenAI({ apiKey: "none", baseURL: "http://harmony/v1", maxRetries: 0, fetch });
  const stream = openai.responses.stream({ model: "m", input: "hi" });
  let failed: OpenAI.Responses.Response | undefined;
  for await (const event of stream) if (event.type === "response.failed") failed = event.response;
  expect(failed?.output).toMatchObject([{ status: "incomplete", content: [{ text: "He" }] }]);
  // It is not stored, so nothing continues it.
  expect(failed).toHaveProperty("store", false);
});
