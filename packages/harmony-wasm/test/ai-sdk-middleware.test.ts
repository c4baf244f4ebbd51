/** The middleware in the real SDK, over models that answer with the markup in their text. */

import { harmonyTextMiddleware } from "harmony-wasm/ai-sdk";
import { expect, test } from "vitest";
import { CITY, encoding, SDKS, toolsOf } from "./ai-sdk-support.ts";

const LEAK =
  "<|channel|>analysis<|message|>Two cities. 🦜<|end|><|start|>assistant<|channel|>commentary<|message|>" +
  "Let me look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json" +
  '<|message|>{"city":"Oslo"}<|call|>';
const PARTS = [
  { type: "reasoning", text: "Two cities. 🦜" },
  { type: "text", text: "Let me look." },
  { type: "tool-call", toolName: "weather", input: { city: "Oslo" } },
];

/** A model that answers with a text, in deltas of so many UTF-16 units. */
function leaking(text: string, size: number) {
  const count = { total: 1, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
  const usage = {
    inputTokens: count,
    outputTokens: { total: 1, text: undefined, reasoning: undefined },
  };
  const end = { finishReason: { unified: "stop" as const, raw: "stop" }, usage };
  const deltas = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => ({
    type: "text-delta" as const,
    id: "0",
    delta: text.slice(index * size, (index + 1) * size),
  }));
  const parts = [
    { type: "stream-start" as const, warnings: [] },
    { type: "text-start" as const, id: "0" },
    ...deltas,
    { type: "text-end" as const, id: "0" },
    { type: "finish" as const, ...end },
  ];
  return {
    specificationVersion: "v3" as const,
    provider: "leaky",
    modelId: "m",
    supportedUrls: {},
    doGenerate: async () => ({ content: [{ type: "text" as const, text }], ...end, warnings: [] }),
    doStream: async () => ({ stream: streamOf(parts) }),
  };
}

function streamOf<Part>(parts: readonly Part[]): ReadableStream<Part> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

const LEAKS = [
  ["markup from the start", LEAK, PARTS],
  ["the first marker removed", LEAK.replace("<|channel|>", ""), PARTS],
  [
    "markup after the answer",
    'The answer, <b>at length</b>: a <| b, "<|" <|end|><|start|>assistant<|channel|>analysis<|message|>Hm<|end|>',
    [
      { type: "text", text: 'The answer, <b>at length</b>: a <| b, "<|" ' },
      { type: "reasoning", text: "Hm" },
    ],
  ],
  ["no markup", "Four. <|nothing|> 🦜 <|", [{ type: "text", text: "Four. <|nothing|> 🦜 <|" }]],
] as const;

test.each(
  SDKS.flatMap(([name, sdk]) =>
    LEAKS.map(([what, text, parts]) => ({ name, what, sdk, text, parts })),
  ),
)("$name: $what, whole and in deltas of any size", async ({ sdk, text, parts }) => {
  const middleware = harmonyTextMiddleware({ encoding });
  const tools = toolsOf(sdk);
  for (const size of [1, 2, 3, 7, 1000]) {
    const model = sdk.wrapLanguageModel({ model: leaking(text, size), middleware });
    const whole = await sdk.generateText({ model, tools, prompt: "Hi" });
    expect(whole.content).toMatchObject(parts);
    expect(whole.finishReason).toBe(text === LEAKS[0][1] ? "tool-calls" : whole.finishReason);
    const streamed = sdk.streamText({ model, tools, prompt: "Hi" });
    expect(await streamed.content).toMatchObject(parts);
    expect(await streamed.finishReason).toBe(whole.finishReason);
  }
});

test.each(SDKS)("%s: an object behind a preamble", async (_, sdk) => {
  const text = `${LEAK.slice(0, LEAK.indexOf("<|start|>assistant<|channel|>commentary to"))}<|start|>assistant<|channel|>final<|message|>{"city":"Oslo"}`;
  const middleware = harmonyTextMiddleware({ encoding });
  const model = sdk.wrapLanguageModel({ model: leaking(text, 5), middleware });
  const output = sdk.Output.object({ schema: sdk.jsonSchema<{ city: string }>(CITY) });
  expect((await sdk.generateText({ model, output, prompt: "Hi" })).output).toEqual({
    city: "Oslo",
  });
  expect(await sdk.streamText({ model, output, prompt: "Hi" }).output).toEqual({ city: "Oslo" });
});

test.each(SDKS)(
  "%s: text whose markers were removed is guessed only on request",
  async (_, sdk) => {
    const text = "analysisTwo plus two.assistantfinalFour.";
    const wrapped = (stripped: boolean) =>
      sdk.wrapLanguageModel({
        model: leaking(text, 4),
        middleware: harmonyTextMiddleware({ encoding, stripped }),
      });
    const parts = [
      { type: "reasoning", text: "Two plus two." },
      { type: "text", text: "Four." },
    ];
    for (const [stripped, expected] of [
      [true, parts],
      [false, [{ type: "text", text }]],
    ] as const) {
      const call = { model: wrapped(stripped), prompt: "Hi" };
      expect((await sdk.generateText(call)).content).toMatchObject(expected);
      expect(await sdk.streamText(call).content).toMatchObject(expected);
    }
  },
);
