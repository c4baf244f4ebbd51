/** Completions and sources that `harmony-wasm/openai` refuses: each error has the expected value. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  chatCompletion,
  chatCompletionChunks,
  promptFromChat,
  promptFromResponses,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import { describe, expect, it, test } from "vitest";
import { thrownBy } from "./support.ts";

const encoding = loadHarmonyEncodingSync();
const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", {
  allowedSpecial: "all",
});
const messages = [{ role: "user", content: "2 + 2?" }];
const prompt = promptFromChat(encoding, { messages });
const asked = promptFromResponses(encoding, { input: "2 + 2?" });
const wanted = "expected token ids or { tokens }, got";

describe("a completion", () => {
  const token_ids = Array.from(sampled);
  const cases: [what: string, completion: unknown, message: string][] = [
    [
      "vLLM's choice",
      { token_ids, finish_reason: "stop" },
      `"completion" ${wanted} an object with token_ids: pass choices[0].token_ids`,
    ],
    [
      "vLLM's answer",
      { id: "cmpl-1", choices: [{ token_ids }] },
      `"completion" ${wanted} an object with choices: pass choices[0].token_ids`,
    ],
    [
      "SGLang's answer",
      { text: "Four.", output_ids: token_ids },
      `"completion" ${wanted} an object with output_ids: pass output_ids`,
    ],
    ["a text in an object", { text: "hello" }, `"completion" ${wanted} an object with text`],
    ["a text", "Four.", `"completion" ${wanted} "Four."`],
    ["nothing", undefined, `"completion" ${wanted} undefined`],
    ["null", null, `"completion" ${wanted} null`],
    ["an empty object", {}, `"completion" ${wanted} an object (Object)`],
    ["a promise", Promise.resolve(sampled), `"completion" ${wanted} a promise: await it`],
    ["bytes", new Uint8Array(sampled), `"completion" ${wanted} bytes: decode the response first`],
    [
      "another field",
      { tokens: sampled, finish_reason: "stop" },
      '"completion" has no field "finish_reason", only tokens, finishReason, ',
    ],
    [
      "another reason",
      { tokens: sampled, finishReason: "eos" },
      '"completion.finishReason" expected "stop" or "length", got "eos"',
    ],
    ["no ids", { tokens: "Four." }, `"completion.tokens" ${wanted} "Four."`],
    ["a choice among several", [{ text: "a" }], `"completion[0]" ${wanted} an object with text`],
  ];
  it.each(cases)("that is %s is refused", (_, completion, message) => {
    for (const call of [
      () => chatCompletion(encoding, prompt, completion as never),
      () => response(encoding, asked, completion as never),
    ]) {
      expect(call).toThrow(TypeError);
      expect(thrownBy(call).message).toContain(message);
    }
  });

  it("is read in every form that it has", () => {
    const forms = [
      sampled,
      token_ids,
      new Set(token_ids.slice(0, 0)),
      { tokens: sampled },
      { tokens: token_ids, finishReason: null as never },
      { tokens: sampled, logprobs: [], cachedTokens: 0, choice: 0 },
    ];
    for (const form of forms) chatCompletion(encoding, prompt, form);
    const { choices } = chatCompletion(encoding, prompt, [{ tokens: sampled }, { tokens: [] }]);
    expect(choices.map(({ message }) => message.content)).toEqual(["Four.", null]);
  });
});

describe("a source", () => {
  it.each([
    ["a text", "Four.", `"source" ${wanted} "Four."`],
    ["nothing", undefined, `"source" ${wanted} undefined`],
    ["a response", new Response("{}"), `"source" ${wanted} an object (Response)`],
    ["bytes", new Uint8Array(1), `"source" ${wanted} bytes: decode the response first`],
  ])("that is %s is refused at once", (_, source, message) => {
    for (const call of [
      () => chatCompletionChunks(encoding, prompt, source as never),
      () => responseEvents(encoding, asked, source as never),
    ]) {
      expect(thrownBy(call).message).toContain(message);
    }
  });

  it.each([
    ["an engine's choice", { token_ids: [1] }, `"source" ${wanted} an object with token_ids`],
    ["a text", "Four.", `"source" ${wanted} "Four."`],
    ["bytes", new Uint8Array(1), `"source" ${wanted} bytes: decode the response first`],
    [
      "another field",
      { tokens: [1], finish_reason: null },
      '"source" has no field "finish_reason"',
    ],
  ])("whose chunk is %s is refused with it", async (_, chunk, message) => {
    const read = async (events: AsyncIterable<unknown>) => {
      for await (const _event of events);
    };
    for (const events of [
      chatCompletionChunks(encoding, prompt, [chunk as never]),
      responseEvents(encoding, asked, [chunk as never]),
    ]) {
      await expect(read(events)).rejects.toThrow(message);
    }
  });
});

test("what an answer is made of is named", () => {
  const none = {} as never;
  for (const answer of [chatCompletion, response, chatCompletionChunks, responseEvents]) {
    const call = answer as (encoding: unknown, prompt: unknown, ids: unknown) => unknown;
    expect(() => call(none, prompt, [])).toThrow(
      '"encoding" expected a HarmonyEncoding, got an object',
    );
    for (const [given, got] of [
      [none, "an object (Object)"],
      [undefined, "undefined"],
      [{ tokens: [1] }, "an object with tokens"],
    ]) {
      expect(() => call(encoding, given, [])).toThrow(
        `"prompt" expected what promptFromChat or promptFromResponses gives, got ${got}`,
      );
    }
  }
  for (const make of [promptFromChat, promptFromResponses]) {
    expect(() => make(none, { input: "q", messages })).toThrow(
      '"encoding" expected a HarmonyEncoding',
    );
    expect(() => make(undefined as never, { input: "q", messages })).toThrow('"encoding" expected');
  }
});
