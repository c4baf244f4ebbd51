/** Samples are upstream's renders of some messages; the expected messages are selected here again. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Message } from "harmony-wasm";
import { renderTrainingSamples, type TrainingOptions } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { encoding, holds, messages, render } from "./train-conversations.js";

const tokensOf = (given: readonly Message[], options: TrainingOptions) =>
  renderTrainingSamples(encoding, given, options).map(({ tokens }) => tokens);

function atInference(given: readonly Message[]): Message[] {
  const last = given.map(({ role }) => role).lastIndexOf("user");
  return given.filter(({ channel }, index) => index > last || channel !== "analysis");
}

describe("analysis", () => {
  it("is kept as by upstream, or completely", () => {
    holds(
      fc.property(messages, (given) => {
        const upstream = encoding.renderConversationForTraining(given);
        expect(tokensOf(given, {})).toEqual([upstream]);
        expect(tokensOf(given, { analysis: "upstream" })).toEqual([upstream]);
        expect(tokensOf(given, { analysis: "keep" })).toEqual([render(given)]);
      }),
    );
  });

  it("of history is dropped", () => {
    holds(
      fc.property(messages, (given) => {
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

describe("a conversation", () => {
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
