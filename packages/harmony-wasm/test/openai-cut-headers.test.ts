/** A completion that ends within a header: the header stays out of the answer and of later prompts. */

import { continueConversation } from "harmony-wasm";
import {
  chatCompletion,
  promptFromChat,
  promptFromResponses,
  type ResponseStreamEvent,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { encoding, ids } from "./ai-sdk-support.ts";
import { clients, MODEL } from "./client-support.ts";

const THOUGHT = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant";
const CUT = [
  "<|channel|>",
  "<|channel|>final",
  "<|channel|>comment",
  "<|channel|>commentary to=",
  "<|channel|>commentary to=functions",
  "<|channel|>commentary to=functions.f",
  "<|channel|>commentary to=functions.f <|constrain|>",
  "<|channel|>commentary to=functions.f <|constrain|>json",
  " to=functions.f<|channel|>commentary",
];
const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];
const hi = { role: "user" as const, content: "hi" };
const more = { role: "user" as const, content: "Go on." };

describe.each(CUT)("%s", (header) => {
  const completion = THOUGHT + header;

  it("is neither an item of a response nor an event", async () => {
    const prompt = promptFromResponses(encoding, { input: "hi", tools });
    const whole = response(encoding, prompt, ids(completion));
    expect(whole).toMatchObject({ status: "incomplete", output_text: "" });
    expect(whole.output.map(({ type, status }) => [type, status])).toEqual([
      ["reasoning", "completed"],
    ]);
    const added: ResponseStreamEvent[] = [];
    for await (const event of responseEvents(encoding, prompt, ids(completion))) {
      if (event.type === "response.output_item.added") added.push(event);
    }
    expect(added).toHaveLength(1);
  });

  it("is neither content nor a call of a chat completion", () => {
    const chatTools = [{ type: "function" as const, function: { name: "f" } }];
    const prompt = promptFromChat(encoding, { messages: [hi], tools: chatTools });
    const [choice] = chatCompletion(encoding, prompt, ids(completion)).choices;
    expect(choice).toMatchObject({ finish_reason: "length", message: { content: null } });
    expect(choice?.message).toMatchObject({ reasoning: "Hm." });
    expect(choice?.message).not.toHaveProperty("tool_calls");
  });

  it("leaves the thought in the next prompt, with its sampled ids", async () => {
    const { openai, requests } = clients(completion, "<|channel|>final<|message|>ok<|return|>");
    const { responses } = openai();
    const first = await responses.create({ model: MODEL, input: "hi" });
    const chained = { model: MODEL, previous_response_id: first.id, input: [more] };
    await responses.create(chained);
    const expected = continueConversation(
      encoding,
      requests[0]?.promptTokens ?? [],
      ids(THOUGHT + header),
      [more],
      "assistant",
    );
    expect(requests[1]?.promptTokens).toEqual(expected);
    expect(encoding.decode(expected)).toContain(
      "<|channel|>analysis<|message|>Hm.<|end|><|start|>user",
    );
  });
});

it("is a part where the engine says that the model stopped", () => {
  const prompt = promptFromResponses(encoding, { input: "hi", tools });
  const call = ids("<|channel|>commentary to=functions.f");
  const { output, status } = response(encoding, prompt, { tokens: call, finishReason: "stop" });
  expect(status).toBe("completed");
  expect(output).toMatchObject([{ type: "function_call", name: "f", arguments: "" }]);
});
