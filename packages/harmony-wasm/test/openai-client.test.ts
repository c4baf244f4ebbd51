/**
 * The real `openai` package reads our streams: its `fetch` answers from our
 * generators, and what its accumulators make of a stream is the whole answer.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  chatCompletion,
  chatCompletionChunks,
  type Prompt,
  promptFromChat,
  promptFromResponses,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const W =
  "<|channel|>analysis<|message|>Two cities.<|end|>" +
  "<|start|>assistant<|channel|>commentary<|message|>Let me look.<|end|>" +
  '<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"a":1}<|call|>' +
  "<|start|>assistant to=functions.now<|channel|>commentary <|constrain|>json<|message|><|call|>";
const COMPLETIONS = [
  W,
  "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>Grüße 🫠!<|return|>",
  "<|channel|>final<|message|>",
];
const tools = ["f", "now"];
const messages = [{ role: "user" as const, content: "hi" }];
const chat = {
  model: "m",
  messages,
  tools: tools.map((name) => ({ type: "function" as const, function: { name } })),
};
const input = {
  model: "m",
  input: "hi",
  tools: tools.map((name) => ({ type: "function" as const, name, parameters: null, strict: null })),
};

/** Ids of objects that count, so that two runs have the same ones. */
function answer() {
  let count = 0;
  return { id: "x", created: 0, model: "m", newId: (prefix: string) => `${prefix}${count++}` };
}

/** A client whose server is a generator, one token a chunk. */
function client(events: (tokens: number[]) => AsyncIterable<object>, tokens: Uint32Array): OpenAI {
  const body = async function* () {
    for await (const event of events([...tokens])) {
      const type = "type" in event ? `event: ${event.type}\n` : "";
      yield new TextEncoder().encode(`${type}data: ${JSON.stringify(event)}\n\n`);
    }
    yield new TextEncoder().encode("data: [DONE]\n\n");
  };
  const headers = { "content-type": "text/event-stream" };
  const fetch = async () => new Response(streamOf(body()), { headers });
  return new OpenAI({ apiKey: "none", baseURL: "http://localhost/v1", fetch });
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const one = (prompt: Prompt) => ({ prompt, options: answer() });

describe.each(COMPLETIONS)("%s", (text) => {
  const tokens = encoding.encode(text, { allowedSpecial: "all" });

  it("is accumulated to the chat completion", async () => {
    const { prompt, options } = one(promptFromChat(encoding, chat));
    const openai = client((ids) => chatCompletionChunks(encoding, prompt, ids, options), tokens);
    const found = await openai.chat.completions.stream(chat).finalChatCompletion();
    const [choice] = chatCompletion(encoding, prompt, tokens, answer()).choices;
    const message = found.choices[0]?.message;
    expect(message?.content || null).toBe(choice?.message.content || null);
    const calls = (message?.tool_calls ?? []).map((call) =>
      call.type === "function"
        ? { ...call, function: { name: call.function.name, arguments: call.function.arguments } }
        : call,
    );
    expect(calls).toEqual(choice?.message.tool_calls ?? []);
    expect(found.choices[0]?.finish_reason).toBe(choice?.finish_reason);
  });

  it("is accumulated to the response", async () => {
    const { prompt, options } = one(promptFromResponses(encoding, input));
    const openai = client((ids) => responseEvents(encoding, prompt, ids, options), tokens);
    const found = await openai.responses.stream(input).finalResponse();
    const whole = response(encoding, prompt, tokens, answer());
    expect(found.output_text).toBe(whole.output_text);
    expect(found.status).toBe(whole.status);
    expect(found.output).toMatchObject(JSON.parse(JSON.stringify(whole.output)));
  });
});

describe("earlier turns", () => {
  it("keep their sampled ids, and every prompt begins with the one before", () => {
    // Ids that rendering would not give: each character a token of its own.
    const letters = [...'{"a":1}'].flatMap((letter) => [...encoding.encodeOrdinary(letter)]);
    const header = encoding.encode(
      "<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
      { allowedSpecial: "all" },
    );
    const end = encoding.encode("<|call|>", { allowedSpecial: "all" });
    const sampled = [...header, ...letters, ...end];
    const turns = new Map<string, number[]>();
    const history = {
      find: ({ ids }: { ids: readonly string[] }) => turns.get(ids[0] ?? ""),
    };
    const all: object[] = [...messages];
    let before: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const prompt = promptFromChat(encoding, { ...chat, messages: all }, { history });
      const tokens = [...prompt.tokens];
      expect(tokens.slice(0, before.length)).toEqual(before);
      const [choice] = chatCompletion(encoding, prompt, sampled).choices;
      const id = choice?.message.tool_calls?.[0]?.id ?? "";
      turns.set(id, sampled);
      all.push(choice?.message ?? {}, { role: "tool", tool_call_id: id, content: `${turn}` });
      before = [...tokens, ...sampled];
    }
  });

  it("are rendered again where the client changed them", () => {
    const sampled = encoding.encode(
      '<|channel|>commentary to=functions.f json<|message|>{"a":1}<|call|>',
      { allowedSpecial: "all" },
    );
    const call = { id: "1", type: "function", function: { name: "f", arguments: '{"a":2}' } };
    const all = [
      ...messages,
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: "1", content: "x" },
    ];
    const request = { ...chat, messages: all };
    const plain = promptFromChat(encoding, request);
    expect(promptFromChat(encoding, request, { history: { find: () => sampled } }).tokens).toEqual(
      plain.tokens,
    );
  });
});
