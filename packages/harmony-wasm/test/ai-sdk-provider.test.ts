/** The provider in the real SDK: what it makes of completions, and what a backend is asked for. */

import { createHarmony } from "harmony-wasm/ai-sdk";
import { type Backend, BackendError, RequestError } from "harmony-wasm/openai";
import { expect, test } from "vitest";
import { CITY, encoding, idsOf, SDKS, scripted, toolsOf } from "./ai-sdk-support.ts";
import { failureOf } from "./support.ts";

const THOUGHT = "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant";
const PREAMBLE = "<|channel|>commentary<|message|>Let me look.<|end|><|start|>assistant";
const CALL =
  '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city": "Oslo"}<|call|>';
const OTHER =
  "<|start|>assistant to=functions.now<|channel|>commentary <|constrain|>json<|message|><|call|>";
const FINAL = "<|channel|>final<|message|>It is cold. 🦜<|return|>";
const OBJECT = '<|channel|>final<|message|>{"city": "Oslo"}<|return|>';
const city = (sdk: (typeof SDKS)[0][1]) => sdk.jsonSchema<{ city: string }>(CITY);
const prompt = "Weather in Oslo?";

test.each(SDKS)(
  "%s: thoughts, preambles, calls and answers are parts of their own",
  async (_, sdk) => {
    const { model } = scripted(THOUGHT + PREAMBLE + CALL + OTHER);
    const { content, finishReason, usage } = await sdk.generateText({
      model,
      tools: toolsOf(sdk),
      prompt,
    });
    expect(content).toMatchObject([
      { type: "reasoning", text: "Two cities." },
      { type: "text", text: "Let me look." },
      { type: "tool-call", toolName: "weather", input: { city: "Oslo" } },
      { type: "tool-call", toolName: "now", input: {} },
    ]);
    const [weather, now] = content.filter((part) => part.type === "tool-call");
    expect(weather?.toolCallId).not.toBe(now?.toolCallId);
    expect(finishReason).toBe("tool-calls");
    const outputTokens = idsOf(THOUGHT + PREAMBLE + CALL + OTHER).length;
    expect(usage).toMatchObject({ outputTokens });
    expect(usage.outputTokenDetails).toMatchObject({
      reasoningTokens: encoding.countTokens("Two cities."),
    });
  },
);

test.each(SDKS)("%s: what the backend had cached of the prompt is in the usage", async (_, sdk) => {
  const answered = async (cachedTokens: number | undefined) => {
    const backend: Backend = {
      async *generate() {
        yield { tokens: idsOf(FINAL).slice(0, 4), cachedTokens };
        yield { tokens: idsOf(FINAL).slice(4), finishReason: "stop" };
      },
    };
    const model = createHarmony({ backend, encoding })("gpt-oss-20b");
    const { usage } = await sdk.generateText({ model, prompt });
    expect(await sdk.streamText({ model, prompt }).usage).toEqual(usage);
    return usage;
  };
  const { inputTokens = 0, inputTokenDetails } = await answered(48);
  expect(inputTokenDetails).toMatchObject({
    cacheReadTokens: 48,
    noCacheTokens: inputTokens - 48,
    cacheWriteTokens: undefined,
  });
  expect((await answered(0)).inputTokenDetails).toMatchObject({
    cacheReadTokens: 0,
    noCacheTokens: inputTokens,
  });
  expect((await answered(undefined)).inputTokenDetails).toMatchObject({
    cacheReadTokens: undefined,
    noCacheTokens: undefined,
  });
});

test.each(
  SDKS.flatMap(([name, sdk]) =>
    [THOUGHT + PREAMBLE + CALL + OTHER, THOUGHT + PREAMBLE + FINAL].map(
      (text) => [name, text, sdk] as const,
    ),
  ),
)("%s: cut at every token, the stream gives the whole answer of %s", async (_, text, sdk) => {
  const tokens = idsOf(text);
  for (let length = 1; length <= tokens.length; length += 1) {
    const cut = tokens.slice(0, length);
    const whole = await sdk.generateText({ ...scripted(cut), tools: toolsOf(sdk), prompt });
    const streamed = sdk.streamText({ ...scripted(cut), tools: toolsOf(sdk), prompt });
    const known = (part: object) => ("toolCallId" in part ? { ...part, toolCallId: "" } : part);
    expect((await streamed.content).map(known)).toEqual(whole.content.map(known));
    expect(await streamed.finishReason).toBe(whole.finishReason);
    expect(await streamed.usage).toEqual(whole.usage);
    if (length < tokens.length && !text.includes("<|call|>")) {
      expect(whole.finishReason).toBe("length");
    }
  }
});

test.each(SDKS)(
  "%s: every part has its ids, and all of them are the completion",
  async (_, sdk) => {
    const { model } = scripted(THOUGHT + PREAMBLE + CALL + OTHER);
    const { content, providerMetadata } = await sdk.generateText({
      model,
      tools: toolsOf(sdk),
      prompt,
    });
    const tokens = content.flatMap((part) => {
      const data = "providerMetadata" in part ? part.providerMetadata?.harmony?.tokens : undefined;
      return Array.isArray(data) ? data : [];
    });
    expect(tokens).toEqual(idsOf(THOUGHT + PREAMBLE + CALL + OTHER));
    expect(providerMetadata?.harmony?.tokens).toEqual(tokens);
  },
);

test.each(SDKS)("%s: an object with a preamble before it", async (_, sdk) => {
  const { model, requests } = scripted(THOUGHT + PREAMBLE + OBJECT);
  const { object } = await sdk.generateObject({ model, schema: city(sdk), prompt });
  expect(object).toEqual({ city: "Oslo" });
  const output = sdk.Output.object({ schema: city(sdk) });
  expect((await sdk.generateText({ model, output, prompt })).output).toEqual({ city: "Oslo" });
  expect(await sdk.streamText({ model, output, prompt }).output).toEqual({ city: "Oslo" });
  for (const { constraint, promptTokens } of requests) {
    expect(constraint?.answer).toMatchObject({ type: "json_schema" });
    expect(encoding.decode(promptTokens)).toContain("# Response Formats\n\n## response\n\n{");
  }
});

test.each(SDKS)(
  "%s: settings reach the backend, and what does not is a warning",
  async (_, sdk) => {
    const { model, requests } = scripted(FINAL, CALL);
    const settings = { seed: 7, temperature: 0.5, topP: 0.9, maxOutputTokens: 99, topK: 5 };
    const { text, warnings } = await sdk.generateText({
      ...{ model, prompt, ...settings, presencePenalty: 1, frequencyPenalty: 2 },
      stopSequences: ["cold"],
      providerOptions: { harmony: { reasoningEffort: "high" } },
    });
    expect(text).toBe("It is ");
    expect(warnings).toMatchObject([{ type: "unsupported", feature: "topK" }]);
    const toolChoice = { type: "tool" as const, toolName: "weather" };
    await sdk.generateText({ model, tools: toolsOf(sdk), prompt, toolChoice });
    expect(requests).toMatchObject([
      {
        ...{ seed: 7, temperature: 0.5, topP: 0.9, maxTokens: 99 },
        ...{ presencePenalty: 1, frequencyPenalty: 2, stopTokens: [200002, 200012] },
      },
      { constraint: { mustCall: true, calls: [{ recipient: "functions.weather" }] } },
    ]);
    expect(encoding.decode(requests[0]?.promptTokens ?? [])).toContain("Reasoning: high\n");
  },
);

test.each(SDKS)("%s: an option of ours that does not exist is a warning", async (_, sdk) => {
  const { model } = scripted(FINAL, FINAL);
  const ask = (harmony: { [name: string]: string | boolean | number }) =>
    sdk.generateText({ model, prompt, maxRetries: 0, providerOptions: { harmony } });
  const { text, warnings } = await ask({ reasoningEfort: "high", parallelToolCalls: true });
  expect(text).toBe("It is cold. 🦜");
  const feature = "providerOptions.harmony.reasoningEfort";
  const details = "it takes reasoningEffort and parallelToolCalls";
  expect(warnings).toEqual([{ type: "unsupported", feature, details }]);
  const expected = `"providerOptions.harmony.reasoningEffort" expected a string, got 3`;
  await expect(ask({ reasoningEffort: 3 })).rejects.toThrow(expected);
});

test("an answer that the backend cannot hold to its format carries a warning", async () => {
  const [, [, ai7] = []] = SDKS;
  const { backend, model } = scripted(OBJECT);
  const constrained: Backend = { ...backend, constrains: () => true };
  const models = [model, createHarmony({ backend: constrained, encoding })("gpt-oss")];
  const output = ai7?.Output.json();
  const warnings = models.map(async (each) => {
    const answer = await ai7?.generateText({
      model: each,
      prompt: "Hi",
      ...(output && { output }),
    });
    return answer?.warnings;
  });
  expect(await Promise.all(warnings)).toMatchObject([[{ type: "other" }], []]);
});

test.each(SDKS)("%s: no tool is offered where none may be called", async (_, sdk) => {
  const { model, requests } = scripted(FINAL);
  await sdk.generateText({ model, tools: toolsOf(sdk), prompt, toolChoice: "none" });
  expect(encoding.decode(requests[0]?.promptTokens ?? [])).not.toContain("weather");
});

test.each(SDKS)("%s: an image is refused with its place", async (_, sdk) => {
  const { model } = scripted(FINAL);
  const image = { type: "file" as const, data: "iVBORw0KGgo=", mediaType: "image/png" };
  const text = { type: "text" as const, text: "What is it?" };
  const messages = [{ role: "user" as const, content: [text, image] }];
  const failure = await failureOf(() => sdk.generateText({ model, messages, maxRetries: 0 }));
  expect(failure).toBeInstanceOf(RequestError);
  expect(failure).toMatchObject({ path: "prompt[0].content[1].type" });
});

test.each(SDKS)(
  "%s: a failure of the backend is the SDK's error, and says whether to try again",
  async (_, sdk) => {
    const busy = new BackendError("busy", { status: 503, body: "{}", retryAfter: "7" });
    const wrong = new BackendError("no such id", { status: 400 });
    for (const [failure, isRetryable] of [
      [busy, true],
      [wrong, false],
    ] as const) {
      const call = { ...scripted(failure), prompt, maxRetries: 0 };
      const error = await failureOf(() => sdk.generateText(call));
      if (!sdk.APICallError.isInstance(error)) throw new Error("not the SDK's error");
      expect(error).toMatchObject({ statusCode: failure.status, isRetryable, cause: failure });
      expect(error.responseHeaders).toEqual(isRetryable ? { "retry-after": "7" } : undefined);
    }
  },
);

test.each(SDKS)("%s: a failure in mid-stream ends the stream with an error", async (_, sdk) => {
  const backend: Backend = {
    async *generate() {
      yield { tokens: idsOf("<|channel|>final<|message|>It is") };
      throw new BackendError("it broke");
    },
  };
  const model = createHarmony({ backend, encoding })("gpt-oss");
  const types: string[] = [];
  const errors: unknown[] = [];
  const { fullStream } = sdk.streamText({ model, prompt, onError: () => {} });
  for await (const part of fullStream) {
    types.push(part.type);
    if (part.type === "error") errors.push(part.error);
  }
  expect(types).toContain("text-delta");
  expect(errors).toMatchObject([{ message: "it broke" }]);
  const failure = await failureOf(() => sdk.generateText({ model, prompt, maxRetries: 0 }));
  expect(failure).toMatchObject({ message: "it broke" });
});

test.each([
  ["<|channel|>final<|message|>It is", ["text-start", "text-delta", "text-end"]],
  ["<|channel|>analysis<|message|>Hm", ["reasoning-start", "reasoning-delta", "reasoning-end"]],
  [
    '<|channel|>commentary to=functions.f<|message|>{"a',
    ["tool-input-start", "tool-input-delta", "tool-input-end"],
  ],
  ["<|channel|>final<|message|>It is.<|end|>", ["text-start", "text-delta", "text-end"]],
])("a failure after %s ends what is open first", async (completion, parts) => {
  const backend: Backend = {
    async *generate() {
      yield { tokens: idsOf(completion) };
      throw new BackendError("it broke");
    },
  };
  const model = createHarmony({ backend, encoding })("gpt-oss");
  const { stream } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  });
  const types = new Set<string>();
  for await (const { type } of stream) types.add(type);
  const begin = ["stream-start", "response-metadata"];
  expect([...types]).toEqual([...begin, ...parts, "error", "finish"]);
});

test.each(SDKS)(
  "%s: an abort stops the backend, even one that does not mind its signal",
  async (_, sdk) => {
    const { model, signals, hasReturned } = endless();
    const controller = new AbortController();
    const call = { model, prompt, abortSignal: controller.signal };
    const types: string[] = [];
    for await (const part of sdk.streamText(call).fullStream) {
      types.push(part.type);
      if (part.type === "text-delta") controller.abort();
    }
    expect(types.at(-1)).toBe("abort");
    expect(signals[0]?.aborted).toBe(true);
    await hasReturned;

    const hangs = createHarmony({ backend: HANGS, encoding })("gpt-oss");
    const signal = AbortSignal.abort(new DOMException("enough", "AbortError"));
    const waiting = sdk.generateText({ model: hangs, prompt, abortSignal: signal });
    expect(await failureOf(() => waiting)).toMatchObject({ name: "AbortError" });
  },
);

test("a reader that leaves stops the backend", async () => {
  const { model, signals, hasReturned } = endless();
  const { stream } = await model.doStream({ prompt: [{ role: "user", content: "Hi" }] });
  const reader = stream.getReader();
  while ((await reader.read()).value?.type !== "text-delta");
  await reader.cancel();
  await hasReturned;
  expect(signals[0]?.aborted).toBe(true);
});
test("an abort stops the backend when nobody reads on", async () => {
  const { model, hasReturned } = endless();
  const controller = new AbortController();
  const prompt = [{ role: "user" as const, content: "Hi" }];
  const { stream } = await model.doStream({ prompt, abortSignal: controller.signal });
  const reader = stream.getReader();
  while ((await reader.read()).value?.type !== "text-delta");
  controller.abort();
  await hasReturned;
});

test("what ai 7 asks of the effort is in the prompt", async () => {
  const [, [, ai7] = []] = SDKS;
  const { model, requests } = scripted(FINAL);
  for (const reasoning of ["high", "none", "provider-default"] as const) {
    await ai7?.generateText({ model, prompt: "Hi", reasoning });
  }
  const efforts = requests.map(
    ({ promptTokens }) => /Reasoning: (\w+)/.exec(encoding.decode(promptTokens))?.[1],
  );
  expect(efforts).toEqual(["high", "low", "medium"]);
});

test("ai 7 takes a model of the specification V4, and the encoding may be left out", async () => {
  const [, [, ai7] = []] = SDKS;
  const { backend } = scripted(THOUGHT + PREAMBLE + OBJECT);
  const model = createHarmony({ backend, version: "v4" })("gpt-oss");
  const output = ai7?.Output.object({ schema: city(ai7) });
  const answer = await ai7?.generateText({ model, prompt: "Where?", ...(output && { output }) });
  expect(answer?.output).toEqual({ city: "Oslo" });
  const { structuredOutputText } = await model.doGenerate({
    prompt: [{ role: "user", content: "Where?" }],
    responseFormat: { type: "json" },
  });
  expect(structuredOutputText).toBe('{"city": "Oslo"}');
});

/** A backend that never gives an id, and does not mind its signal. */
const HANGS: Backend = {
  generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
};

/** A backend that samples until it is stopped. */
function endless() {
  const signals: AbortSignal[] = [];
  let returned = () => {};
  const hasReturned = new Promise<void>((resolve) => {
    returned = resolve;
  });
  const backend: Backend = {
    async *generate({ signal }) {
      signals.push(signal);
      try {
        yield { tokens: idsOf("<|channel|>final<|message|>") };
        for (;;) yield { tokens: idsOf(" on") };
      } finally {
        returned();
      }
    },
  };
  return { model: createHarmony({ backend, encoding })("gpt-oss"), signals, hasReturned };
}
