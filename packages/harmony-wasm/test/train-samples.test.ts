/** Samples are upstream's renders of some of the messages; which ones is told again here. */

import fc from "fast-check";
import { loadHarmonyEncodingSync, type Message } from "harmony-wasm";
import { renderTrainingSamples, type TrainingOptions, type Truncation } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { conversations } from "../../conformance/src/differential/conversations.ts";
import { randomFrom } from "../../conformance/src/differential/texts.ts";

const encoding = loadHarmonyEncodingSync();
const KEEP = { auto_drop_analysis: false };

/** Random conversations that upstream renders, as messages. */
const messages = conversations(encoding, randomFrom(11))
  .map((conversation) => (conversation as { messages: Message[] }).messages)
  .filter((given) => {
    try {
      return encoding.renderConversation(given) !== undefined;
    } catch {
      return false;
    }
  });
const holds = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property, { numRuns: 300, seed: 7 });
const render = (given: readonly Message[]) => encoding.renderConversationForTraining(given, KEEP);
const tokensOf = (given: readonly Message[], options: TrainingOptions) =>
  renderTrainingSamples(encoding, given, options).map(({ tokens }) => tokens);

function atInference(given: readonly Message[]): Message[] {
  const last = given.map(({ role }) => role).lastIndexOf("user");
  return given.filter(({ channel }, index) => index > last || channel !== "analysis");
}

describe("analysis", () => {
  it("is kept as upstream does, or all of it", () => {
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

  it("is that of inference in each turn's sample, and only the turn has loss", () => {
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

  it("knows a final answer in every turn's sample", () => {
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
  it("may be text, an object or an array", () => {
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

  it("has no loss where it says train: false", () => {
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

describe("truncation", () => {
  const ofAll = (policy: Truncation["policy"], given: readonly Message[], length: number) =>
    renderTrainingSamples(encoding, given, { analysis: "keep", truncation: { length, policy } });
  const lengths = fc.integer({ min: 1, max: 200 });

  it("leaves alone what is not too long", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        const all = render(given);
        fc.pre(all.length <= length);
        for (const policy of ["drop-sample", "drop-oldest-turns", "drop-last-messages", "cut"]) {
          const [sample] = ofAll(policy as Truncation["policy"], given, length);
          expect(sample?.tokens).toEqual(all);
        }
      }),
    );
  });

  it("leaves whole messages, rendered by upstream", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        for (const policy of ["drop-oldest-turns", "drop-last-messages"] as const) {
          for (const { tokens, spans, lossMask } of ofAll(policy, given, length)) {
            const kept = given.filter((_, index) => spans.some(({ message }) => message === index));
            expect(tokens).toEqual(render(kept));
            expect(tokens.length).toBeLessThanOrEqual(length);
            expect(lossMask).toHaveLength(tokens.length);
          }
        }
        if (render(given).length > length) expect(ofAll("drop-sample", given, length)).toEqual([]);
      }),
    );
  });

  it("drops as many of the oldest turns as it must, and no more", () => {
    const isHead = ({ role }: Message) => role === "system" || role === "developer";
    holds(
      fc.property(messages, lengths, (given, length) => {
        fc.pre(render(given).length > length);
        const users = given.flatMap(({ role }, index) => (role === "user" ? [index] : []));
        const kept = users.map((turn) => given.filter((each, at) => at >= turn || isHead(each)));
        const fitting = kept.map(render).filter((tokens) => tokens.length <= length);
        const found = ofAll("drop-oldest-turns", given, length).map(({ tokens }) => tokens);
        expect(found).toEqual(fitting.slice(0, 1));
      }),
    );
  });

  it("drops as many of the last messages as it must, and no more", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        const prefixes = given.map((_, at) => render(given.slice(0, at + 1)));
        const fitting = prefixes.filter((tokens) => tokens.length <= length);
        const found = ofAll("drop-last-messages", given, length).map(({ tokens }) => tokens);
        expect(found).toEqual(given.length === 0 ? [render([])] : fitting.slice(-1));
      }),
    );
  });

  it("cuts anywhere, and its spans with it", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        const [sample] = ofAll("cut", given, length);
        expect(sample?.tokens).toEqual(render(given).slice(0, length));
        const ends = sample?.spans.map(({ end }) => end) ?? [];
        if (given.length > 0) expect(ends.at(-1)).toBe(sample?.tokens.length);
        expect(sample?.lossMask).toHaveLength(sample?.tokens.length ?? -1);
      }),
    );
  });
});
