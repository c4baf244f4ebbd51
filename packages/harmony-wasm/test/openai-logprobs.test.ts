/** Log probabilities, several choices and counts of tokens, in both protocols, whole and streamed. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type ChatCompletionChunk,
  chatCompletion,
  chatCompletionChunks,
  promptFromChat,
  promptFromResponses,
  type ResponseObject,
  response,
  responseEvents,
  type TokenChunk,
  type TokenLogprob,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const messages = [{ role: "user", content: "hi" }];
const chat = (fields: object = {}) =>
  promptFromChat(encoding, { messages, logprobs: true, top_logprobs: 1, ...fields });
const responses = (fields: object = {}) =>
  promptFromResponses(encoding, {
    input: "hi",
    include: ["message.output_text.logprobs"],
    ...fields,
  });

/** A completion in which a token's log probability says its position. */
function sampled(text: string): { tokens: Uint32Array; logprobs: TokenLogprob[] } {
  const tokens = encoding.encode(text, { allowedSpecial: "all" });
  const logprobs = Array.from(tokens, (token, at) => ({
    token,
    logprob: -at,
    top: [
      { token, logprob: -at },
      { token: 0, logprob: Number.NEGATIVE_INFINITY },
    ],
  }));
  return { tokens, logprobs };
}

function* cutAt(size: number, { tokens, logprobs }: ReturnType<typeof sampled>) {
  for (let at = 0; at < tokens.length; at += size) {
    yield { tokens: tokens.slice(at, at + size), logprobs: logprobs.slice(at, at + size) };
  }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const bytesOf = (entries: readonly { bytes: number[] | null }[]) =>
  new TextDecoder().decode(Uint8Array.from(entries.flatMap(({ bytes }) => bytes ?? [])));

const TEXTS = [
  ["an answer", "<|channel|>final<|message|>Four, of course.<|return|>", "Four, of course."],
  [
    "after a thought and a preamble",
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait<|end|><|start|>assistant<|channel|>final<|message|>Four<|return|>",
    "WaitFour",
  ],
  [
    "characters of several tokens",
    "<|channel|>final<|message|>🇯🇵 𝒳 🫠 ሰላም!<|return|>",
    "🇯🇵 𝒳 🫠 ሰላም!",
  ],
  ["prose without a header", "The answer is four.", "The answer is four."],
  ["prose before a header", "Hm. <|channel|>final<|message|>Four<|return|>", "Hm. Four"],
  [
    "before a call",
    '<|channel|>commentary<|message|>Look.<|end|><|start|>assistant to=functions.f<|channel|>commentary json<|message|>{"a": 1}<|call|>',
    "Look.",
  ],
] as const;

describe.each(TEXTS)("log probabilities of %s", (_name, text, content) => {
  const given = sampled(text);

  it("are those of the content's tokens, in Chat Completions", async () => {
    const [choice] = chatCompletion(encoding, chat(), given).choices;
    const whole = choice?.logprobs?.content ?? [];
    const said = (choice?.message.content ?? "").replaceAll("\n", "");
    expect(said).toBe(content);
    expect(bytesOf(whole)).toBe(said);
    expect(
      whole.map(({ logprob }) => [encoding.decode([given.tokens[-logprob] ?? 0]), logprob]),
    ).toEqual(whole.map(({ token, logprob }) => [token, logprob]));
    for (let size = 1; size <= given.tokens.length; size += 1) {
      const chunks = await all(chatCompletionChunks(encoding, chat(), cutAt(size, given)));
      const streamed = chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
      expect(streamed).toEqual(whole);
    }
  });

  it("are those of the text's tokens, in Responses", async () => {
    const whole = response(encoding, responses(), given);
    const texts = whole.output.flatMap((item) => (item.type === "message" ? item.content : []));
    for (const { text: said, logprobs } of texts) expect(bytesOf(logprobs)).toBe(said);
    for (let size = 1; size <= given.tokens.length; size += 1) {
      const events = await all(responseEvents(encoding, responses(), cutAt(size, given)));
      const deltas = events.flatMap((event) =>
        event.type === "response.output_text.delta" ? event.logprobs : [],
      );
      expect(deltas).toEqual(texts.flatMap(({ logprobs }) => logprobs));
      const last = events.at(-1) as { response: ResponseObject };
      const plain = (output: unknown) =>
        JSON.stringify(output).replaceAll(/"(rs|msg|fc|call)_\w+"/g, "");
      expect(plain(last.response.output)).toBe(plain(whole.output));
    }
  });
});

describe("log probabilities", () => {
  const given = sampled("<|channel|>final<|message|>one two three<|return|>");

  it("end where a stop text does", async () => {
    const prompt = chat({ stop: " thr" });
    const [choice] = chatCompletion(encoding, prompt, given).choices;
    expect(choice?.message.content).toBe("one two");
    expect(bytesOf(choice?.logprobs?.content ?? [])).toBe("one two");
    const chunks = await all(chatCompletionChunks(encoding, prompt, cutAt(1, given)));
    expect(chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? [])).toEqual(
      choice?.logprobs?.content,
    );
  });

  it("have as many alternatives as were asked for, and finite numbers", () => {
    const entry = (top_logprobs: number) =>
      chatCompletion(encoding, chat({ top_logprobs }), given).choices[0]?.logprobs?.content[0];
    const one = { token: "one", bytes: [111, 110, 101], logprob: -3 };
    expect(entry(0)).toEqual({ ...one, top_logprobs: [] });
    expect(entry(2)).toEqual({
      ...one,
      top_logprobs: [one, { token: "!", bytes: [33], logprob: -9999 }],
    });
  });

  it("are there for ids that the vocabulary lacks", () => {
    const unknown = { token: 999_999_999, logprob: -1, top: [{ token: 250_000, logprob: -2 }] };
    const tokens = Uint32Array.from([...given.tokens.slice(0, 4), unknown.token]);
    const logprobs = [...given.logprobs.slice(0, 4), unknown];
    const [choice] = chatCompletion(encoding, chat(), { tokens, logprobs }).choices;
    expect(choice?.logprobs?.content).toMatchObject([
      { token: "one" },
      { token: "", bytes: [], logprob: -1, top_logprobs: [{ token: "", bytes: [], logprob: -2 }] },
    ]);
  });

  it("are null where they were not asked for, or not given for every token", () => {
    const plain = promptFromChat(encoding, { messages });
    expect(chatCompletion(encoding, plain, given).choices[0]?.logprobs).toBeNull();
    const short = { ...given, logprobs: given.logprobs.slice(1) };
    const [choice] = chatCompletion(encoding, chat(), short).choices;
    expect([choice?.message.content, choice?.logprobs]).toEqual(["one two three", null]);
    expect(chatCompletion(encoding, chat(), given.tokens).choices[0]?.logprobs).toBeNull();
  });

  it("are asked of the backend by include, and by top_logprobs", () => {
    expect(responses().sampling.logprobs).toBe(0);
    expect(responses({ top_logprobs: 3 }).sampling.logprobs).toBe(3);
    expect(promptFromResponses(encoding, { input: "hi" }).sampling.logprobs).toBeUndefined();
  });
});

describe("several choices", () => {
  const first = sampled(
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>One<|return|>",
  );
  const second = sampled("<|channel|>final<|message|>Two");
  const prompt = chat({ n: 2, stream_options: { include_usage: true } });
  const completions: TokenChunk[] = [
    { ...first, finishReason: "stop" },
    { ...second, finishReason: "length", cachedTokens: 7 },
  ];

  it("are an answer with as many", () => {
    const { choices, usage } = chatCompletion(encoding, prompt, completions);
    expect(choices).toMatchObject([
      { index: 0, message: { content: "One", reasoning: "Hm." }, finish_reason: "stop" },
      { index: 1, message: { content: "Two" }, finish_reason: "length" },
    ]);
    const completion_tokens = first.tokens.length + second.tokens.length;
    const prompt_tokens = prompt.tokens.length;
    expect(usage).toEqual({
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      prompt_tokens_details: { cached_tokens: 7 },
      completion_tokens_details: { reasoning_tokens: 2 },
    });
  });

  it("are streamed together", async () => {
    function* source(): Generator<TokenChunk> {
      for (let at = 0; at < first.tokens.length; at += 1) {
        yield { tokens: first.tokens.slice(at, at + 1), choice: 0 };
        yield { tokens: second.tokens.slice(at, at + 1), choice: 1 };
      }
      yield { tokens: [], choice: 1, finishReason: "length", cachedTokens: 7 };
    }
    const chunks = await all(chatCompletionChunks(encoding, prompt, source()));
    const contents = ["", ""];
    for (const { index, delta } of chunks.flatMap(({ choices }) => choices)) {
      contents[index] += delta.content ?? "";
    }
    expect(contents).toEqual(["One", "Two"]);
    const ends = chunks.flatMap(({ choices }: ChatCompletionChunk) => choices);
    expect(
      ends
        .filter(({ finish_reason }) => finish_reason)
        .map(({ index, finish_reason }) => [index, finish_reason]),
    ).toEqual([
      [0, "stop"],
      [1, "length"],
    ]);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: chatCompletion(encoding, prompt, completions).usage,
    });
  });

  it("are never more than the request asks for", async () => {
    const source = [{ tokens: first.tokens, choice: 2 }];
    await expect(all(chatCompletionChunks(encoding, prompt, source))).rejects.toThrow(
      new RangeError("expected a chunk of one of 2 choices, counted from 0, got choice 2"),
    );
  });
});

it("tokens of the backend's cache are in the usage", () => {
  const completion = { ...sampled("<|channel|>final<|message|>Two<|return|>"), cachedTokens: 5 };
  expect(response(encoding, responses(), completion).usage).toMatchObject({
    input_tokens_details: { cached_tokens: 5 },
    output_tokens_details: { reasoning_tokens: 0 },
  });
});
