/** The `openai` client against the handler, which it takes as its `fetch`. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type Backend, BackendError, createHarmonyHandler } from "harmony-wasm/openai";
import OpenAI from "openai";
import { expect, test } from "vitest";

const encoding = loadHarmonyEncodingSync();
const ids = (text: string) => encoding.encode(text, { allowedSpecial: "all" });

const CALL =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary" +
  '<|message|>Let me look.<|end|><|start|>assistant to=functions.weather<|channel|>commentary <|constrain|>json<|message|>{"city":"Oslo"}<|call|>';
const FINAL = "<|channel|>final<|message|>It is cold. 🦜<|return|>";

/** Answers the completions in turn, one id at a time, and keeps the prompts. */
function client(...completions: string[]) {
  const prompts: Uint32Array[] = [];
  const backend: Backend = {
    async *generate({ promptTokens }) {
      const completion = completions[prompts.length % completions.length] ?? "";
      prompts.push(promptTokens);
      for (const token of ids(completion)) yield { tokens: [token] };
      if (completion === "") throw new BackendError("it broke", { status: 500, body: "{}" });
    },
  };
  const handler = createHarmonyHandler({ backend, encoding });
  const openai = new OpenAI({
    apiKey: "none",
    baseURL: "http://harmony/v1",
    maxRetries: 0,
    fetch: (url, init) => handler(new Request(url, init)),
  });
  return { openai, prompts };
}

const model = "gpt-oss";
const parameters = { type: "object", properties: { city: { type: "string" } } };
const user = { role: "user" as const, content: "Weather in Oslo?" };
const chat = {
  model,
  messages: [user],
  tools: [{ type: "function" as const, function: { name: "weather", parameters } }],
};
const responses = {
  model,
  input: "Weather in Oslo?",
  tools: [{ type: "function" as const, name: "weather", parameters, strict: false }],
};

/** Each of the twenty prompts has the one before and every id that was sampled after it. */
function expectContinued(prompts: readonly Uint32Array[]): void {
  const sampled = ids(CALL);
  for (const [index, prompt] of prompts.slice(1).entries()) {
    const before = prompts[index] ?? new Uint32Array();
    expect(prompt.subarray(0, before.length)).toEqual(before);
    expect(prompt.subarray(before.length, before.length + sampled.length)).toEqual(sampled);
  }
  expect(prompts).toHaveLength(20);
}

test("Chat Completions: what the helper makes of the stream is the whole answer", async () => {
  const { openai } = client(CALL);
  const whole = await openai.chat.completions.create(chat);
  expect(whole.choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      content: "Let me look.",
      tool_calls: [{ function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
    },
  });
  const streamed = await openai.chat.completions.stream(chat).finalChatCompletion();
  expect(streamed.choices[0]?.message.content).toBe("Let me look.");
  expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { name: "weather", arguments: '{"city":"Oslo"}' },
  });
  expect(streamed.choices[0]?.finish_reason).toBe("tool_calls");
});

test("Responses: what the helper makes of the stream is the whole answer", async () => {
  const { openai } = client(CALL);
  const whole = await openai.responses.create(responses);
  expect(whole.output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call"]);
  const streamed = await openai.responses.stream(responses).finalResponse();
  const said = (output: typeof whole.output) =>
    output.map((item) => (item.type === "function_call" ? item.arguments : item.type));
  expect(said(streamed.output)).toEqual(said(whole.output));
  expect(streamed.status).toBe("completed");
});

test("twenty turns of Chat Completions: every prompt begins with the one before", async () => {
  const { openai, prompts } = client(CALL);
  const messages: OpenAI.ChatCompletionMessageParam[] = [user];
  for (let turn = 0; turn < 20; turn += 1) {
    const { choices } = await openai.chat.completions.create({ ...chat, messages });
    const message = choices[0]?.message;
    if (message === undefined) throw new Error("no choice");
    messages.push(message);
    for (const call of message.tool_calls ?? []) {
      messages.push({ role: "tool", tool_call_id: call.id, content: `${turn} degrees` });
    }
  }
  expectContinued(prompts);
});

test("twenty turns of Responses: every prompt begins with the one before", async () => {
  const { openai, prompts } = client(CALL);
  const input: OpenAI.Responses.ResponseInputItem[] = [user];
  for (let turn = 0; turn < 20; turn += 1) {
    const { output } = await openai.responses.create({ ...responses, input });
    for (const item of output) {
      if (item.type === "reasoning" || item.type === "message") input.push(item);
      if (item.type !== "function_call") continue;
      const { call_id } = item;
      input.push(item, { type: "function_call_output", call_id, output: `${turn} degrees` });
    }
  }
  expectContinued(prompts);
});

test("characters of several ids are whole in a stream", async () => {
  const { openai } = client(FINAL);
  const stream = openai.chat.completions.stream(chat);
  expect(await stream.finalContent()).toBe("It is cold. 🦜");
});

test("errors are the client's own classes", async () => {
  const { openai } = client("");
  await expect(openai.chat.completions.create(chat)).rejects.toBeInstanceOf(
    OpenAI.InternalServerError,
  );
  await expect(openai.chat.completions.create({ ...chat, messages: [] })).rejects.toBeInstanceOf(
    OpenAI.BadRequestError,
  );
});

test("an answer to a request without a model names the first that is served", async () => {
  const backend: Backend = {
    async *generate() {
      yield { tokens: ids(FINAL), finishReason: "stop" };
    },
  };
  const handler = createHarmonyHandler({ backend, encoding, models: ["gpt-oss-120b", "other"] });
  const sent = async (path: string, body: object) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    return (await handler(new Request(`http://harmony/v1/${path}`, init))).text();
  };
  for (const stream of [false, true]) {
    expect(await sent("responses", { input: "Hi", stream })).toContain('"model":"gpt-oss-120b"');
    const chat = await sent("chat/completions", { messages: [user], model: null, stream });
    expect(chat).toContain('"model":"gpt-oss-120b"');
  }
});
