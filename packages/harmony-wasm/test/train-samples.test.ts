/** Samples are upstream's renders of some messages; the expected messages are selected here again. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Message } from "harmony-wasm";
import {
  type ChatCompletionRequest,
  conversationFromChatCompletions,
  promptFromChat,
} from "harmony-wasm/openai";
import { renderTrainingSamples, type TrainingOptions } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { encoding, holds, messages, render } from "./train-conversations.js";

const tokensOf = (given: readonly Message[], options: TrainingOptions) =>
  renderTrainingSamples(encoding, given, options).map(({ tokens }) => tokens);

function atInference(given: readonly Message[]): Message[] {
  const lastUser = given.map(({ role }) => role).lastIndexOf("user");
  const finals = given.flatMap(({ role, channel }, index) =>
    role === "assistant" && channel === "final" && index < lastUser ? [index] : [],
  );
  const isCall = ({ recipient }: Message) => recipient !== undefined && recipient !== "";
  return given.filter((message, index) => {
    const isAnalysis = message.role === "assistant" && message.channel === "analysis";
    return index > (finals.at(-1) ?? -1) || !isAnalysis || isCall(message);
  });
}

describe("analysis", () => {
  it("is kept as by upstream, or completely", () => {
    holds(
      fc.property(messages, (given) => {
        const upstream = encoding.renderConversationForTraining(given);
        fc.pre(given.length > 0);
        expect(tokensOf(given, {})).toEqual([upstream]);
        expect(tokensOf(given, { analysis: "upstream" })).toEqual([upstream]);
        expect(tokensOf(given, { analysis: "keep" })).toEqual([render(given)]);
      }),
    );
  });

  it("of history is dropped", () => {
    holds(
      fc.property(messages, (given) => {
        fc.pre(given.length > 0);
        expect(tokensOf(given, { analysis: "drop-history" })).toEqual([render(atInference(given))]);
      }),
    );
  });

  it("is as at inference in each turn's sample, and only the turn is trained on", () => {
    holds(
      fc.property(messages, (given) => {
        const ends = given.flatMap(({ role }, index) => (role === "user" ? [index] : []));
        const turns = [...ends, given.length].filter((end, at, all) => {
          const turn = given.slice(all[at - 1] ?? 0, end);
          return turn.some(({ role }) => role === "assistant");
        });
        const samples = renderTrainingSamples(encoding, given, {
          analysis: "per-turn",
          preset: "body",
        });
        const expected = turns.map((end) => render(atInference(given.slice(0, end))));
        expect(samples.map(({ tokens }) => tokens)).toEqual(expected);
        samples.forEach(({ spans, lossMask }, at) => {
          const before = given.slice(0, turns[at]).map(({ role }) => role);
          const withLoss = spans.filter(({ content_start }) => lossMask[content_start] === 1);
          const turn = before.flatMap((role, index) => {
            return role === "assistant" && index > before.lastIndexOf("user") ? [index] : [];
          });
          expect(withLoss.map(({ message }) => message)).toEqual(turn);
        });
      }),
    );
  });

  it("recognises a final answer in every turn's sample", () => {
    const turn: Message[] = [
      { role: "user", content: "q" },
      { role: "assistant", content: "a", channel: "final" },
    ];
    const samples = tokensOf([...turn, ...turn], { analysis: "per-turn" });
    expect(samples.map((tokens) => encoding.decodeUtf8(tokens.slice(-1)))).toEqual([
      "<|return|>",
      "<|return|>",
    ]);
  });
});

describe("history", () => {
  const call = { name: "python", arguments: "1 + 1" };
  const turn = [
    { role: "user", content: "Q1" },
    {
      role: "assistant",
      reasoning_content: "T1",
      tool_calls: [{ id: "a", type: "function", function: call }],
    },
    { role: "tool", tool_call_id: "a", content: "2" },
    { role: "assistant", content: "A1" },
  ];
  const cutOff = [
    { role: "user", content: "Q2" },
    { role: "assistant", reasoning_content: "T2" },
  ];
  const last = [
    { role: "user", content: "Q3" },
    { role: "assistant", reasoning_content: "T3", content: "A3" },
  ];
  const options = { conversationStartDate: "2026-01-01" };
  const rows = {
    "with a call of python": [...turn, ...last],
    "cut off": [...turn, ...cutOff, ...last],
  };

  it.each(Object.entries(rows))("is as in the prompt of promptFromChat, %s", (_, messages) => {
    const conversation = conversationFromChatCompletions(JSON.stringify({ messages }), options);
    const prompted = messages.slice(0, -1) as ChatCompletionRequest["messages"];
    const { tokens } = promptFromChat(encoding, { messages: prompted }, options);
    for (const analysis of ["drop-history", "per-turn"] as const) {
      const sample = renderTrainingSamples(encoding, conversation, { analysis }).at(-1);
      expect(encoding.decode(sample?.tokens.slice(0, tokens.length) ?? [])).toBe(
        encoding.decode(tokens),
      );
    }
  });

  it("keeps a call on analysis with its result, and the thoughts of a turn without an answer", () => {
    const given: Message[] = [
      { role: "user", content: "Q1" },
      { role: "assistant", channel: "analysis", content: "T1" },
      { role: "assistant", channel: "analysis", recipient: "python", content: "1" },
      { role: "tool", name: "python", channel: "analysis", content: "2" },
      { role: "assistant", channel: "final", content: "A1" },
      { role: "user", content: "Q2" },
      { role: "assistant", channel: "analysis", content: "T2" },
      { role: "user", content: "Q3" },
      { role: "assistant", channel: "final", content: "A3" },
    ];
    const [sample] = tokensOf(given, { analysis: "drop-history" });
    expect(encoding.decode(sample ?? [])).toBe(
      [
        "<|start|>user<|message|>Q1<|end|>",
        "<|start|>assistant to=python<|channel|>analysis<|message|>1<|call|>",
        "<|start|>python<|channel|>analysis<|message|>2<|end|>",
        "<|start|>assistant<|channel|>final<|message|>A1<|end|>",
        "<|start|>user<|message|>Q2<|end|>",
        "<|start|>assistant<|channel|>analysis<|message|>T2<|end|>",
        "<|start|>user<|message|>Q3<|end|>",
        "<|start|>assistant<|channel|>final<|message|>A3<|return|>",
      ].join(""),
    );
  });
});

describe("a conversation", () => {
  it("without messages has no sample", () => {
    for (const analysis of ["upstream", "keep", "drop-history", "per-turn"] as const) {
      expect(renderTrainingSamples(encoding, [], { analysis })).toEqual([]);
      expect(renderTrainingSamples(encoding, '{"messages": []}', { analysis })).toEqual([]);
    }
  });

  it("can be rendered by the encoding of any entry", async () => {
    const { createHarmonyEncoding } = await import("harmony-wasm/slim");
    const wasm = readFileSync(new URL(import.meta.resolve("harmony-wasm/harmony.wasm")));
    const slim = createHarmonyEncoding(new WebAssembly.Module(wasm));
    const given: Message[] = [{ role: "user", content: "q" }];
    expect(renderTrainingSamples(slim, given)).toEqual(renderTrainingSamples(encoding, given));
  });

  it("can be text, an object or an array", () => {
    holds(
      fc.property(messages, (given) => {
        const marked = given.map((message, index) => ({ ...message, train: index % 2 === 0 }));
        const expected = renderTrainingSamples(encoding, marked);
        const text = JSON.stringify(marked);
        expect(renderTrainingSamples(encoding, text)).toEqual(expected);
        expect(renderTrainingSamples(encoding, { messages: marked })).toEqual(expected);
        expect(renderTrainingSamples(encoding, ` {"messages": ${text}}`)).toEqual(expected);
        const escaped = text.replaceAll('"train"', '"tr\\u0061in"');
        expect(renderTrainingSamples(encoding, escaped)).toEqual(expected);
      }),
    );
  });

  it("is not trained on where it has train: false", () => {
    holds(
      fc.property(messages, fc.array(fc.option(fc.boolean()), { minLength: 9 }), (given, flags) => {
        const marked = given.map((message, index) => ({ ...message, train: flags[index] ?? null }));
        const chosen = (message: number) => flags[message] !== false;
        const options = { preset: "trl" } as const;
        expect(renderTrainingSamples(encoding, marked, options)).toEqual(
          renderTrainingSamples(encoding, given, { ...options, messages: chosen }),
        );
      }),
    );
  });
});
