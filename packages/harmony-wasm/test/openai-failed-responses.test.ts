/** A stream that fails keeps what it has said, in the events and in the response. */

import {
  type Backend,
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

/** A client of a handler whose first completion fails. */
function failing(completion: string) {
  const prompts: number[][] = [];
  const backend: Backend = {
    async *generate({ promptTokens }) {
      prompts.push([...promptTokens]);
      if (prompts.length > 1) return yield { tokens: ids(`${FINAL}llo.<|return|>`) };
      yield { tokens: ids(completion) };
      throw new Error("gone");
    },
  };
  const handler = createHarmonyHandler({ backend, encoding });
  const fetch: typeof globalThis.fetch = (input, init) => handler(new Request(input, init));
  const openai = new OpenAI({ apiKey: "none", baseURL: "http://harmony/v1", maxRetries: 0, fetch });
  return { openai, prompts };
}

async function failedResponse(openai: OpenAI, store: boolean) {
  const stream = openai.responses.stream({ model: "m", input: "hi", store });
  let failed: OpenAI.Responses.Response | undefined;
  for await (const event of stream) if (event.type === "response.failed") failed = event.response;
  if (failed === undefined) throw new Error("it did not fail");
  return failed;
}

it("the client of the openai package accumulates the same output", async () => {
  const failed = await failedResponse(failing(FINAL).openai, true);
  expect(failed.output).toMatchObject([{ status: "incomplete", content: [{ text: "He" }] }]);
});

it("a failed response is stored as any other, and its text can be continued", async () => {
  const { openai, prompts } = failing(FINAL);
  const failed = await failedResponse(openai, true);
  expect(failed).toMatchObject({ store: true, error: { code: "server_error" } });
  const { _request_id, ...stored } = await openai.responses.retrieve(failed.id);
  expect(stored).toEqual(failed);
  await openai.responses.create({ model: "m", input: "go on", previous_response_id: failed.id });
  const turn =
    "<|start|>assistant<|channel|>final<|message|>He<|end|><|start|>user<|message|>go on";
  expect(encoding.decode(Uint32Array.from(prompts[1] ?? []))).toContain(turn);
});

it.each(["", "<|start|>assistant<|channel|>fin", "<|channel|>analysis<|message|>Hm"])(
  "a response that failed after %j can be continued",
  async (completion) => {
    const { openai, prompts } = failing(completion);
    const failed = await failedResponse(openai, true);
    await openai.responses.create({ model: "m", input: "go on", previous_response_id: failed.id });
    const text = encoding.decode(Uint32Array.from(prompts[1] ?? []));
    expect(text).toMatch(/<\|start\|>user<\|message\|>go on<\|end\|><\|start\|>assistant$/);
    expect(text).not.toContain("assistant<|start|>");
  },
);

it("a failed response is not stored where its request says so", async () => {
  const { openai } = failing(FINAL);
  const failed = await failedResponse(openai, false);
  expect(failed).toHaveProperty("store", false);
  await expect(openai.responses.retrieve(failed.id)).rejects.toMatchObject({ status: 404 });
});
