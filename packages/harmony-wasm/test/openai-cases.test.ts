/** The conversion cases of test-vectors/openai, both ways, whole and cut at every token. */

import { readFileSync } from "node:fs";
import { type Conversation, loadHarmonyEncodingSync, toolNamespaces } from "harmony-wasm";
import {
  type ChatCompletionRequest,
  chatCompletion,
  chatCompletionChunks,
  type PromptOptions,
  promptFromChat,
  promptFromResponses,
  type ResponsesRequest,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

interface Case {
  id: string;
  api: "chat" | "responses" | "both";
  title: string;
  input: ChatCompletionRequest & ResponsesRequest;
  wanted_conversation?: Conversation["messages"];
  wanted_error?: string;
  wanted_special_ids_in_user_content?: number;
  sampled: string;
  tools: string[];
  backend_finish: "stop" | "length";
  wanted_chat: { message: Record<string, unknown>; finish_reason: string };
  wanted_responses_output: Record<string, unknown>[];
}

const file = new URL("../../../test-vectors/openai/cases.json", import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(file, "utf8"));
const encoding = loadHarmonyEncodingSync();
const named = (all: Case[]) => all.map((each) => [`${each.id} ${each.title}`, each] as const);
const options: PromptOptions = {
  conversationStartDate: "2025-06-28",
  builtinTools: [],
};

function promptOf({ api, input }: Case) {
  const builtinTools = ["browser", "python"] as const;
  return api === "chat"
    ? promptFromChat(encoding, input, options)
    : promptFromResponses(encoding, input, { ...options, builtinTools });
}

describe("requests", () => {
  const requests = cases.filter(({ sampled }) => sampled === undefined);
  it("are all there", () => expect(requests).toHaveLength(38));

  it.each(named(requests.filter((each) => each.wanted_conversation)))("%s", (_name, given) => {
    const namespaces = JSON.stringify(given.wanted_conversation)
      .replace('"BROWSER"', JSON.stringify(toolNamespaces.browser))
      .replace('"PYTHON"', JSON.stringify(toolNamespaces.python));
    const wanted = encoding.renderConversationForCompletion(JSON.parse(namespaces), "assistant", {
      auto_drop_analysis: false,
    });
    const { tokens } = promptOf(given);
    expect(encoding.decodeUtf8(tokens)).toBe(encoding.decodeUtf8(wanted));
    expect(Array.from(tokens)).toEqual(Array.from(wanted));
  });

  it.each(named(requests.filter((each) => each.wanted_error)))("%s", (_name, given) => {
    const [path] = /(?<=at )\S+/.exec(given.wanted_error ?? "") ?? ["input[0].type"];
    expect(() => promptOf(given)).toThrow(expect.objectContaining({ path, status: 400 }));
  });
});

const completions = cases.filter(({ sampled }) => sampled !== undefined);

const ids = ({ sampled }: Case) => encoding.encode(sampled, { allowedSpecial: "all" });
const counting = () => {
  let count = 0;
  return () => `call_${count++}`;
};
const answer = ({ backend_finish }: Case) => ({
  id: "x",
  created: 0,
  model: "m",
  finishReason: backend_finish,
  newId: counting(),
});
const chatOf = ({ tools }: Case) =>
  promptFromChat(encoding, {
    messages: [{ role: "user", content: "hi" }],
    tools: tools.map((name) => ({ type: "function", function: { name } })),
  });
const responsesOf = ({ tools }: Case) =>
  promptFromResponses(encoding, {
    input: "hi",
    tools: tools.map((name) => ({ type: "function", name })),
  });

describe("completions", () => {
  it("are all there", () => expect(completions).toHaveLength(12));

  it.each(named(completions))("%s, as a chat completion", (_name, given) => {
    const [choice] = chatCompletion(encoding, chatOf(given), ids(given), answer(given)).choices;
    const { reasoning_content, ...message } = choice?.message ?? {};
    expect(message).toEqual(given.wanted_chat.message);
    expect(reasoning_content).toBe(given.wanted_chat.message.reasoning);
    expect(choice?.finish_reason).toBe(given.wanted_chat.finish_reason);
  });

  it.each(named(completions))("%s, as a response", (_name, given) => {
    const { output, status } = response(encoding, responsesOf(given), ids(given), answer(given));
    const plain = JSON.parse(JSON.stringify(output), (key, value) =>
      ["id", "call_id", "logprobs"].includes(key) ? undefined : value,
    );
    expect(plain).toEqual(given.wanted_responses_output);
    expect(status).toBe(given.backend_finish === "length" ? "incomplete" : "completed");
  });

  it.each(named(completions))("%s, streamed at every cut", async (_name, given) => {
    const tokens = ids(given);
    for (let cut = 0; cut <= tokens.length; cut += 1) {
      const source = () => [
        { tokens: tokens.slice(0, cut) },
        { tokens: tokens.slice(cut), finishReason: given.backend_finish },
      ];
      const whole = response(encoding, responsesOf(given), tokens, answer(given));
      let last: unknown;
      for await (const event of responseEvents(
        encoding,
        responsesOf(given),
        source(),
        answer(given),
      )) {
        if ("response" in event) last = event.response;
      }
      expect(last).toEqual(whole);
      let [content, reasoning, finish] = ["", "", ""];
      const calls: string[] = [];
      const options = answer(given);
      for await (const chunk of chatCompletionChunks(encoding, chatOf(given), source(), options)) {
        const [choice] = chunk.choices;
        content += choice?.delta.content ?? "";
        reasoning += choice?.delta.reasoning ?? "";
        finish = choice?.finish_reason ?? finish;
        for (const { index, function: called } of choice?.delta.tool_calls ?? []) {
          calls[index] = (calls[index] ?? "") + (called?.name ?? "") + (called?.arguments ?? "");
        }
      }
      const { message, finish_reason } = given.wanted_chat;
      expect([content, reasoning, finish]).toEqual([
        message.content ?? "",
        message.reasoning ?? "",
        finish_reason,
      ]);
      const wanted = chatCompletion(encoding, chatOf(given), tokens, answer(given));
      const wantedCalls = wanted.choices[0]?.message.tool_calls ?? [];
      expect(calls).toEqual(
        wantedCalls.map((call) =>
          call.type === "function" ? call.function.name + call.function.arguments : "",
        ),
      );
    }
  });
});
