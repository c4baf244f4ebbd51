/**
 * What each client makes of the handler's stream is what it makes of the whole
 * answer, for completions that are cut after every token. `openai` itself is in
 * openai-client.test.ts.
 */

import { HumanMessage } from "@langchain/core/messages";
import * as ai from "ai";
import { generateText, streamText } from "ai";
import { createParser } from "eventsource-parser";
import { expect, test } from "vitest";
import { idsOf, toolsOf } from "./ai-sdk-support.ts";
import { clients, MODEL } from "./client-support.ts";

const CALLS =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary<|message|>" +
  "Let me look. 🦜<|end|><|start|>assistant to=functions.weather<|channel|>commentary <|constrain|>json" +
  '<|message|>{"city": "Oslo"}<|call|><|start|>assistant to=functions.now<|channel|>commentary json<|message|><|call|>';
const ANSWER =
  "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>It is cold. 🫠<|return|>";

/** Both completions, cut after every token. */
const CUTS = [CALLS, ANSWER].flatMap((text) => {
  const tokens = idsOf(text);
  return tokens.map((_, index) => tokens.slice(0, index + 1));
});

/** An answer without the ids of its objects, which are random. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value).replaceAll(/"(chatcmpl-|resp_|rs_|msg_|fc_|call_)[^"]*"/g, '"$1"'),
  );
}

test.each(Object.keys(clients().models()))("%s", async (name) => {
  const prompt = "Weather?";
  const tools = toolsOf(ai);
  const known = ({ type, ...part }: ai.ContentPart<ai.ToolSet>) =>
    "text" in part
      ? { type, text: part.text }
      : {
          type,
          text: undefined,
          ...("input" in part && { name: part.toolName, input: part.input }),
        };
  for (const cut of CUTS) {
    const model = Object.entries(clients(cut).models()).find(([each]) => each === name)?.[1];
    if (!model) throw new Error(name);
    const whole = await generateText({ model, tools, prompt });
    const streamed = streamText({ model, tools, prompt });
    // One client makes an empty text of the first chunk's `content: ""`, which OpenAI sends, too.
    const parts = (content: typeof whole.content) =>
      content.map(known).filter(({ text }) => text !== "");
    expect(parts(await streamed.content)).toEqual(parts(whole.content));
    expect(await streamed.finishReason).toBe(whole.finishReason);
    expect((await streamed.usage).outputTokens).toBe(whole.usage.outputTokens);
  }
  const model = Object.entries(clients(CALLS).models()).find(([each]) => each === name)?.[1];
  if (!model) throw new Error(name);
  const { text, toolCalls } = await generateText({ model, tools, prompt });
  expect(text).toBe("Let me look. 🦜");
  expect(toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
    ["weather", { city: "Oslo" }],
    ["now", {}],
  ]);
});

test.each([
  ["Chat Completions", false],
  ["Responses", true],
] as const)("@langchain/openai, %s", async (_, useResponsesApi) => {
  const tools = ["weather", "now"].map((name) => ({
    type: "function" as const,
    function: { name, parameters: { type: "object", properties: {} } },
  }));
  const input = [new HumanMessage("Weather?")];
  for (const cut of [...CUTS.slice(0, 5), idsOf(CALLS), idsOf(ANSWER)]) {
    const model = clients(cut).langChain(useResponsesApi).bindTools(tools);
    const whole = await model.invoke(input);
    let streamed: typeof whole | undefined;
    for await (const chunk of await model.stream(input)) {
      streamed = streamed ? streamed.concat(chunk) : chunk;
    }
    expect(streamed?.text).toBe(whole.text);
    const calls = (message: typeof whole | undefined) =>
      message?.tool_calls?.map(({ name, args }) => ({ name, args }));
    expect(calls(streamed)).toEqual(calls(whole));
    expect(streamed?.usage_metadata).toEqual(whole.usage_metadata);
  }
  const { text, tool_calls } = await clients(CALLS)
    .langChain(useResponsesApi)
    .bindTools(tools)
    .invoke(input);
  expect(text).toBe("Let me look. 🦜");
  expect(tool_calls).toMatchObject([
    { name: "weather", args: { city: "Oslo" } },
    { name: "now", args: {} },
  ]);
});

/** A client that nobody named: `fetch` and a library for server-sent events. */
async function events(fetch: typeof globalThis.fetch, path: string, body: object) {
  const request = { method: "POST", body: JSON.stringify({ ...body, model: MODEL, stream: true }) };
  const response = await fetch(`http://harmony/v1/${path}`, request);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const found: { event: string | undefined; data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => found.push({ event, data }) });
  const decoder = new TextDecoder();
  // In pieces of one byte, as a network may cut them.
  for (const byte of new Uint8Array(await response.arrayBuffer())) {
    parser.feed(decoder.decode(Uint8Array.of(byte), { stream: true }));
  }
  return found;
}

async function answer(fetch: typeof globalThis.fetch, path: string, body: object) {
  const request = { method: "POST", body: JSON.stringify({ ...body, model: MODEL }) };
  return (await fetch(`http://harmony/v1/${path}`, request)).json();
}

test("fetch and an event parser, Responses: the last event holds the whole answer", async () => {
  for (const cut of CUTS) {
    const { fetch } = clients(cut);
    const found = await events(fetch, "responses", { input: "Weather?" });
    const parsed = found.map(({ data }) => JSON.parse(data));
    expect(parsed.map(({ type }) => type)).toEqual(found.map(({ event }) => event));
    expect(parsed.map(({ sequence_number }) => sequence_number)).toEqual([...parsed.keys()]);
    const { created_at: _, ...last } = parsed.at(-1).response;
    const { created_at: __, ...whole } = await answer(fetch, "responses", { input: "Weather?" });
    expect(withoutIds(last)).toMatchObject(
      Object(withoutIds({ ...whole, completed_at: last.completed_at })),
    );
  }
});

test("fetch and an event parser, Chat Completions: the chunks add up to the whole answer", async () => {
  const body = { messages: [{ role: "user", content: "Weather?" }] };
  for (const cut of CUTS) {
    const { fetch } = clients(cut);
    const found = await events(fetch, "chat/completions", body);
    expect(found.at(-1)?.data).toBe("[DONE]");
    const chunks = found.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0]);
    const [choice] = (await answer(fetch, "chat/completions", body)).choices;
    const sum = (field: string) => chunks.map(({ delta }) => delta[field] ?? "").join("");
    expect(sum("content")).toBe(choice.message.content ?? "");
    expect(sum("reasoning")).toBe(choice.message.reasoning ?? "");
    const calls: string[] = [];
    for (const { delta } of chunks) {
      for (const {
        index,
        function: { name = "", arguments: text = "" },
      } of delta.tool_calls ?? []) {
        calls[index] = (calls[index] ?? "") + name + text;
      }
    }
    const whole = (choice.message.tool_calls ?? []).map(
      ({ function: called }: { function: { name: string; arguments: string } }) =>
        called.name + called.arguments,
    );
    expect(calls).toEqual(whole);
    expect(chunks.at(-1).finish_reason).toBe(choice.finish_reason);
  }
});
