/**
 * Agent loops through clients: twenty turns with parallel calls, whose ids are
 * not those that rendering would give. Every prompt begins with the one before
 * it and the ids that were sampled after it. The AI SDK with our own provider is
 * in ai-sdk-loops.test.ts.
 */

import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import * as ai from "ai";
import { generateText, stepCountIs } from "ai";
import type OpenAI from "openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { expectContinued, TURNS, TWO_CALLS } from "./agent-turns.ts";
import { ids, toolsOf } from "./ai-sdk-support.ts";
import { clients, MODEL } from "./client-support.ts";

const CALLS = [...TWO_CALLS, ...ids("<|call|>")];
const FINAL = "<|channel|>final<|message|>Cold.<|return|>";
const script = [...Array.from({ length: TURNS - 1 }, () => CALLS), FINAL];

const parameters = { type: "object", properties: { city: { type: "string" } } };

test("openai, Chat Completions", async () => {
  const server = clients(...script);
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Weather?" }];
  const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const call = { model: MODEL, messages, tools };
    const { choices } = await server.openai().chat.completions.create(call);
    const message = choices[0]?.message;
    if (!message) throw new Error("no choice");
    messages.push(message);
    for (const { id } of message.tool_calls ?? []) {
      messages.push({ role: "tool", tool_call_id: id, content: `${turn} degrees` });
    }
  }
  expectContinued(server.requests, CALLS);
});

test.each([
  ["the items sent again", false],
  ["previous_response_id", true],
] as const)("openai, Responses, %s", async (_, byId) => {
  const server = clients(...script);
  const tools = [{ type: "function" as const, name: "weather", parameters, strict: false }];
  let input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: "Weather?" }];
  let previous: string | null = null;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const call = { model: MODEL, input, tools, previous_response_id: previous };
    const answer: OpenAI.Responses.Response = await server.openai().responses.create(call);
    const { id, output } = answer;
    if (byId) [previous, input] = [id, []];
    for (const item of output) {
      if (item.type !== "reasoning" && item.type !== "message" && item.type !== "function_call") {
        throw new Error(item.type);
      }
      if (!byId) input.push(item);
    }
    for (const item of output) {
      if (item.type !== "function_call") continue;
      const { call_id } = item;
      input.push({ type: "function_call_output", call_id, output: `${turn} degrees` });
    }
  }
  expectContinued(server.requests, CALLS);
});

test.each([
  ["Responses", true, false],
  ["Responses, streamed", true, true],
  ["Chat Completions", false, false],
  ["Chat Completions, streamed", false, true],
] as const)("@openai/agents, %s", async (_, useResponses, stream) => {
  const server = clients(...script);
  const modelProvider = new OpenAIProvider({ openAIClient: server.openai(), useResponses });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const weather = tool({
    ...{ name: "weather", description: "The weather.", parameters: z.object({ city: z.string() }) },
    execute: ({ city }) => `Cold in ${city}.`,
  });
  const agent = new Agent({ name: "weather", model: MODEL, tools: [weather] });
  const options = { maxTurns: TURNS };
  const result = stream
    ? await runner.run(agent, "Weather?", { ...options, stream })
    : await runner.run(agent, "Weather?", options);
  if ("completed" in result) await result.completed;
  expect(result.finalOutput).toBe("Cold.");
  expectContinued(server.requests, CALLS);
});

test.each(Object.keys(clients().models()))("ai, %s", async (name) => {
  const server = clients(...script);
  const model = Object.entries(server.models()).find(([each]) => each === name)?.[1];
  if (!model) throw new Error(name);
  const tools = toolsOf(ai, () => "Cold.");
  const { text } = await generateText({
    model,
    tools,
    prompt: "Weather?",
    stopWhen: stepCountIs(TURNS),
  });
  expect(text).toBe("Cold.");
  expectContinued(server.requests, CALLS);
});
