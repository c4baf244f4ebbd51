/**
 * Random completions, most of them malformed: what the `openai` package's accumulators make of a
 * stream of single tokens is the whole answer, and so is what a stream says that is cut anywhere.
 */

import fc from "fast-check";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type AnswerOptions,
  type ChatCompletionMessage,
  chatCompletion,
  chatCompletionChunks,
  promptFromChat,
  promptFromResponses,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const parameters = { type: "object", properties: {} };
const chatRequest = {
  model: "m",
  messages: [{ role: "user" as const, content: "hi" }],
  tools: [
    { type: "function" as const, function: { name: "f", parameters } },
    { type: "custom" as const, custom: { name: "c" } },
  ],
};
const responsesRequest = {
  model: "m",
  input: "hi",
  tools: [
    { type: "function" as const, name: "f", parameters, strict: null },
    { type: "custom" as const, name: "c" },
    { type: "code_interpreter" as const, container: { type: "auto" as const } },
    { type: "web_search" as const },
  ],
};
const chat = promptFromChat(encoding, chatRequest);
const responses = promptFromResponses(encoding, responsesRequest, {
  builtinTools: ["browser", "python"],
});

const marker = fc.constantFrom(
  ...["start", "end", "message", "channel", "constrain", "return", "call"].map(
    (name) => `<|${name}|>`,
  ),
);
const word = fc.constantFrom(
  "assistant",
  "user",
  "analysis",
  "commentary",
  "final",
  " to=functions.f",
  " to=c",
  " to=python",
  " to=browser.search",
  " to=nobody",
  "json",
  " code",
);
const text = fc.constantFrom(
  "Four. ",
  "Hm.",
  '{"a": 1}',
  "{",
  "🇯🇵 𝒳",
  "\n\n",
  "ሰላም",
  "<|",
  "print(6 * 7)",
  "",
);
const message = fc
  .tuple(
    fc.constantFrom(
      "<|channel|>analysis",
      "<|channel|>commentary",
      "<|channel|>final",
      " to=functions.f<|channel|>commentary <|constrain|>json",
      "<|channel|>commentary to=functions.c",
      "<|channel|>analysis to=python code",
      "<|channel|>analysis to=browser.search",
    ),
    fc.array(text, { maxLength: 3 }),
    fc.constantFrom("<|end|>", "<|call|>", "<|return|>", ""),
  )
  .map(([header, texts, end]) => `${header}<|message|>${texts.join("")}${end}<|start|>assistant`);
const completion = fc
  .array(fc.oneof({ weight: 3, arbitrary: message }, marker, word, text), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pieces) => encoding.encode(pieces.join(""), { allowedSpecial: "all" }));

/** Ids that count, so that two answers to one completion have the same ones. */
function answer(): AnswerOptions {
  let count = 0;
  return { id: "x", created: 0, model: "m", newId: (prefix) => `${prefix}${count++}` };
}

/** A client whose server sends these events, each in bytes of its own. */
function client(events: () => AsyncIterable<object>): OpenAI {
  const encoder = new TextEncoder();
  const fetch = async () => {
    const stream = new TransformStream<Uint8Array, Uint8Array>();
    const writer = stream.writable.getWriter();
    const write = async () => {
      for await (const event of events()) {
        const type = "type" in event ? `event: ${String(event.type)}\n` : "";
        await writer.write(encoder.encode(`${type}data: ${JSON.stringify(event)}\n\n`));
      }
      await writer.write(encoder.encode("data: [DONE]\n\n"));
      await writer.close();
    };
    write().catch((error) => writer.abort(error));
    return new Response(stream.readable, { headers: { "content-type": "text/event-stream" } });
  };
  return new OpenAI({ apiKey: "none", baseURL: "http://localhost/v1", fetch, maxRetries: 0 });
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

/** The message that the deltas of a stream add up to, as a client without a library adds them. */
async function addedUp(source: Iterable<Uint32Array>) {
  const message: ChatCompletionMessage = { role: "assistant", content: null, refusal: null };
  const calls: { id: string; type: string; name: string; input: string }[] = [];
  let finish: string | null = null;
  for await (const { choices } of chatCompletionChunks(encoding, chat, source, answer())) {
    const [choice] = choices;
    finish = choice?.finish_reason ?? finish;
    const { content, reasoning, tool_calls = [] } = choice?.delta ?? {};
    if (content) message.content = (message.content ?? "") + content;
    if (reasoning) message.reasoning = (message.reasoning ?? "") + reasoning;
    for (const { index, id, type, function: called, custom } of tool_calls) {
      calls[index] ??= { id: id ?? "", type: type ?? "", name: "", input: "" };
      const call = calls[index];
      call.name += called?.name ?? custom?.name ?? "";
      call.input += called?.arguments ?? custom?.input ?? "";
    }
  }
  return { content: message.content || null, reasoning: message.reasoning, calls, finish };
}

/** The same of a whole answer. */
function whole(tokens: Uint32Array) {
  const [choice] = chatCompletion(encoding, chat, tokens, answer()).choices;
  const calls = (choice?.message.tool_calls ?? []).map((call) =>
    call.type === "function"
      ? { id: call.id, type: call.type, name: call.function.name, input: call.function.arguments }
      : { id: call.id, type: call.type, name: call.custom.name, input: call.custom.input },
  );
  const { content, reasoning } = choice?.message ?? {};
  return { content: content || null, reasoning, calls, finish: choice?.finish_reason ?? null };
}

const RUNS = { numRuns: 120, seed: 2611 };

describe("the random completions", () => {
  it("are of every kind", () => {
    const seen = new Set<string>();
    for (const tokens of fc.sample(completion, { numRuns: 200, seed: RUNS.seed })) {
      const { output, harmony } = response(encoding, responses, tokens, answer());
      for (const { type } of output) seen.add(type);
      if (harmony) seen.add("repairs");
    }
    expect([...seen].toSorted()).toEqual([
      "code_interpreter_call",
      "custom_tool_call",
      "function_call",
      "message",
      "reasoning",
      "repairs",
      "web_search_call",
    ]);
  });
});

describe("random completions", () => {
  it("are accumulated to the chat completion by openai", async () => {
    const property = fc.asyncProperty(completion, async (tokens) => {
      const openai = client(() => chatCompletionChunks(encoding, chat, tokens, answer()));
      const found = await openai.chat.completions.stream(chatRequest).finalChatCompletion();
      const { content, calls, finish } = whole(tokens);
      const [choice] = found.choices;
      expect(choice?.message.content || null).toBe(content);
      expect(choice?.finish_reason).toBe(finish);
      const functions = (choice?.message.tool_calls ?? []).flatMap((call) =>
        call.type === "function"
          ? {
              id: call.id,
              type: call.type,
              name: call.function.name,
              input: call.function.arguments,
            }
          : [],
      );
      expect(functions).toEqual(calls.filter(({ type }) => type === "function"));
    });
    await fc.assert(property, RUNS);
  });

  it("are accumulated to the response by openai", async () => {
    const property = fc.asyncProperty(completion, async (tokens) => {
      const openai = client(() => responseEvents(encoding, responses, tokens, answer()));
      const stream = openai.responses.stream(responsesRequest);
      const found = await stream.finalResponse();
      const wanted = response(encoding, responses, tokens, answer());
      expect(found.output).toMatchObject(plain(wanted.output));
      expect([found.status, found.output_text, found.usage]).toEqual([
        wanted.status,
        wanted.output_text,
        wanted.usage,
      ]);
    });
    await fc.assert(property, RUNS);
  });

  it("say the same wherever the stream is cut", async () => {
    const property = fc.asyncProperty(completion, async (tokens) => {
      const [message, wanted] = [whole(tokens), response(encoding, responses, tokens, answer())];
      for (let cut = 0; cut <= tokens.length; cut += 1) {
        const source = [tokens.subarray(0, cut), tokens.subarray(cut)];
        expect(await addedUp(source)).toEqual(message);
        let last: unknown;
        for await (const event of responseEvents(encoding, responses, source, answer())) {
          if ("response" in event) last = event.response;
        }
        expect(last).toEqual(wanted);
      }
    });
    await fc.assert(property, { ...RUNS, numRuns: 40 });
  });
});
