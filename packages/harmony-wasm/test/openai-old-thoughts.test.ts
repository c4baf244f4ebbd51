/** Thoughts before the last answer are dropped, also where the client did not send them and the handler has their ids. */

import type OpenAI from "openai";
import { expect, test } from "vitest";
import { encoding } from "./ai-sdk-support.ts";
import { clients, MODEL } from "./client-support.ts";

const THOUGHT = "<|channel|>analysis<|message|>Old thought.<|end|><|start|>assistant";
const CALL = `${THOUGHT}<|channel|>commentary to=functions.f <|constrain|>json<|message|>{ }<|call|>`;
const ANSWER = `${THOUGHT}<|channel|>final<|message|>Cold.<|return|>`;
const user = { role: "user" as const, content: "Weather?" };
const more = { role: "user" as const, content: "And Rome?" };
const parameters = { type: "object", properties: {} };

type ChatMessage = OpenAI.ChatCompletionMessageParam;

/** Everything after the first question. */
function asked(prompt: Uint32Array | undefined): string {
  return encoding.decode(prompt ?? []).split("Weather?<|end|>")[1] ?? "";
}

test("of Chat Completions: a thought stays until the answer, and not after it", async () => {
  const { openai, requests } = clients(CALL, ANSWER, ANSWER);
  const { completions } = openai().chat;
  const tools = [{ type: "function" as const, function: { name: "f", parameters } }];
  const messages: ChatMessage[] = [user];
  const next = async (...added: ChatMessage[]) => {
    messages.push(...added);
    const { choices } = await completions.create({ model: MODEL, messages, tools });
    const { content = null, tool_calls } = choices[0]?.message ?? {};
    // As a client sends it that knows nothing of thoughts.
    messages.push({ role: "assistant", content, ...(tool_calls && { tool_calls }) });
    return tool_calls?.[0]?.id ?? "";
  };
  const tool_call_id = await next();
  await next({ role: "tool", tool_call_id, content: "cold" });
  await next(more);
  const [, second, third] = requests.map(({ promptTokens }) => asked(promptTokens));
  expect(second).toContain(CALL);
  expect(third).toContain("<|channel|>commentary <|constrain|>json<|message|>{ }<|call|>");
  expect(third).not.toContain("Old thought.");
});

test("of Responses: an answer that is sent without its reasoning item", async () => {
  const { openai, requests } = clients(ANSWER);
  const { responses } = openai();
  const { output } = await responses.create({ model: MODEL, input: [user] });
  const answers = output.flatMap((item) => (item.type === "message" ? [item] : []));
  await responses.create({ model: MODEL, input: [user, ...answers, more] });
  const expected = "<|start|>assistant<|channel|>final<|message|>Cold.<|end|><|start|>user";
  expect(asked(requests[1]?.promptTokens).startsWith(expected)).toBe(true);
  const kept = { reasoning: { context: "all_turns" as const } };
  await responses.create({ model: MODEL, input: [user, ...answers, more], ...kept });
  expect(asked(requests[2]?.promptTokens)).toContain("Old thought.");
});
