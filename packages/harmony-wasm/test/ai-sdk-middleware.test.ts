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

/** The parts that the middleware makes of a stream's, in short. */
async function partsRead(parts: readonly { type: string; id?: string; delta?: string }[]) {
  const { stream } = await harmonyTextMiddleware({ encoding }).wrapStream({
    doStream: async () => ({ stream: streamOf(parts) }),
    params: { prompt: [] },
  });
  const read: string[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read;
    const { type, id = "", delta = "" } = { id: "", delta: "", ...value };
    // Ids of parts in markup are random.
    read.push([type, id.length === 1 && id, delta].filter(Boolean).join(" "));
  }
}

const start = (id: string) => ({ type: "text-start", id });
const delta = (id: string, text: string) => ({ type: "text-delta", id, delta: text });
const end = (id: string) => ({ type: "text-end", id });
const FINISH = { type: "finish", finishReason: { unified: "error", raw: undefined } };

test.each([
  [
    "error",
    [start("1"), delta("1", "a"), { type: "error" }, FINISH],
    ["text-start 1", "text-delta 1 a", "text-end 1", "error", "finish"],
  ],
  [
    "finish",
    [start("1"), delta("1", "a"), FINISH],
    ["text-start 1", "text-delta 1 a", "text-end 1", "finish"],
  ],
  [
    "the end of the stream",
    [start("1"), delta("1", "a")],
    ["text-start 1", "text-delta 1 a", "text-end 1"],
  ],
])("text that is held comes before %s", async (_name, parts, read) => {
  expect(await partsRead(parts)).toEqual(read);
});

test("a text that is ended after its error is not ended twice", async () => {
  const parts = [start("1"), delta("1", "a"), { type: "error" }, end("1"), FINISH];
  expect(await partsRead(parts)).toEqual([
    ...["text-start 1", "text-delta 1 a", "text-end 1", "error", "finish"],
  ]);
});

test("parts of other kinds are not held back by a text", async () => {
  const raw = { type: "raw" };
  expect(await partsRead([raw, start("1"), delta("1", "a"), raw, end("1"), FINISH])).toEqual([
    ...["raw", "raw", "text-start 1", "text-delta 1 a", "text-end 1", "finish"],
  ]);
});

test("what a delta of markup says comes before what follows it", async () => {
  const raw = { type: "raw" };
  const deltas = ["<|channel|>analysis<|message|>Hm", ".<|end|>"].map((text) => delta("1", text));
  const parts = [start("1"), ...deltas.flatMap((each) => [each, raw]), end("1")];
  expect(await partsRead(parts)).toEqual([
    ...[
      "reasoning-start",
      "reasoning-delta Hm",
      "raw",
      "reasoning-delta .",
      "reasoning-end",
      "raw",
    ],
  ]);
});

test("texts that alternate are each read on their own", async () => {
  const leak =
    "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi";
  const [one, two] = ["A plain text of more than thirty-two letters.", leak];
  const parts = [start("1"), start("2")];
  for (let at = 0; at < Math.max(one.length, two.length); at += 5) {
    if (at < one.length) parts.push(delta("1", one.slice(at, at + 5)));
    if (at < two.length) parts.push(delta("2", two.slice(at, at + 5)));
  }
  const read = await partsRead([...parts, end("1"), end("2"), FINISH]);
  const said = (type: string) =>
    read
      .filter((each) => each.startsWith(type))
      .map((each) => each.slice(type.length))
      .join("");
  expect(said("text-delta 1 ")).toBe(one);
  expect(read.filter((each) => each.startsWith("text") && each.includes(" 2"))).toEqual([]);
  expect(said("reasoning-delta ")).toBe("Hm");
  const ofMarkup = read.flatMap((each) => /^text-delta (?!1 )(.*)/.exec(each)?.[1] ?? []);
  expect(ofMarkup.join("")).toBe("Hi");
  expect(read.filter((each) => each.startsWith("text-start"))).toHaveLength(2);
  expect(read.filter((each) => each.startsWith("text-end"))).toHaveLength(2);
});
