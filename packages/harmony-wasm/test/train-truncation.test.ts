/** Samples that are too long become upstream's render of fewer messages, or are cut. */

import fc from "fast-check";
import { assistantMessage, type Message, type Role, userMessage } from "harmony-wasm";
import { renderTrainingSamples, type TrainingOptions, type Truncation } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { encoding, holds, KEEP, messages, render } from "./train-conversations.js";

/** Every id is trained on, so that no sample is dropped for having nothing to learn. */
const ROLES: Role[] = ["user", "assistant", "system", "developer", "tool"];
const ofAll = (policy: Truncation["policy"], given: readonly Message[], length: number) =>
  renderTrainingSamples(encoding, given, {
    analysis: "keep",
    preset: "trl",
    roles: ROLES,
    truncation: { length, policy },
  });
const lengths = fc.integer({ min: 1, max: 200 });

describe("truncation", () => {
  it("does not change samples that fit", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        const all = render(given);
        fc.pre(given.length > 0 && all.length <= length);
        for (const policy of ["drop-sample", "drop-oldest-turns", "drop-last-messages", "cut"]) {
          const [sample] = ofAll(policy as Truncation["policy"], given, length);
          expect(sample?.tokens).toEqual(all);
        }
      }),
    );
  });

  it("keeps whole messages, rendered by upstream", () => {
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
        // Counted in the whole render: tools of a later message change the system message.
        const { spans } = encoding.renderWithSpans(given, { config: KEEP });
        const fitting = spans.filter(({ end }) => end <= length).length;
        const expected = fitting > 0 ? [render(given.slice(0, fitting))] : [];
        const found = ofAll("drop-last-messages", given, length).map(({ tokens }) => tokens);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("cuts anywhere, and its spans with it", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
        fc.pre(given.length > 0);
        const [sample] = ofAll("cut", given, length);
        expect(sample?.tokens).toEqual(render(given).slice(0, length));
        const { spans } = encoding.renderWithSpans(given, { config: KEEP });
        const within = spans.filter(({ start }) => start < length);
        const cut = (place: number) => Math.min(place, length);
        const expected = within.map(({ content_start, content_end, end, ...rest }) => {
          const ends = { content_end: cut(content_end), end: cut(end) };
          return { ...rest, content_start: cut(content_start), ...ends };
        });
        expect(sample?.spans).toEqual(expected);
        expect(sample?.lossMask).toHaveLength(sample?.tokens.length ?? -1);
      }),
    );
  });
});

it("keeps the latest turns that fit, at every length", () => {
  const [head, last] = [
    { role: "system", content: "s" },
    { role: "developer", content: "d" },
  ] as const;
  const turn = (content: string): Message[] => [
    { role: "user", content },
    { role: "assistant", content, channel: "final" },
  ];
  const kept = [["one", "two", "three"], ["two", "three"], ["three"]].map((turns) => {
    return render([head, ...turns.flatMap(turn), last]);
  });
  const given = [head, ...turn("one"), ...turn("two"), ...turn("three"), last];
  for (let length = 1; length <= render(given).length; length += 1) {
    const found = ofAll("drop-oldest-turns", given, length).map(({ tokens }) => tokens);
    expect(found).toEqual(kept.filter((tokens) => tokens.length <= length).slice(0, 1));
  }
});

describe("the last turn of a sample that is shortened", () => {
  const turn = (question: string, thought: string, answer: string) => [
    userMessage(question),
    assistantMessage(thought, { channel: "analysis" }),
    assistantMessage(answer, { channel: "final" }),
  ];
  const long = `Q2 ${"long ".repeat(30)}`;
  const ofFirst =
    "<|channel|>analysis<|message|>T1<|end|><|start|>assistant<|channel|>final<|message|>A1<|return|>";
  const ofLast =
    "<|channel|>analysis<|message|>T2<|end|><|start|>assistant<|channel|>final<|message|>A2<|return|>";
  const learnt = (given: readonly Message[], options: TrainingOptions) =>
    renderTrainingSamples(encoding, given, options).map(({ tokens, lossMask }) =>
      encoding.decodeUtf8(tokens.filter((_, index) => lossMask[index] === 1)),
    );

  it("stays the turn that is trained on, when its own user message is left out", () => {
    const given = [...turn("Q1", "T1", "A1"), ...turn(long, "T2", "A2")];
    const truncation = { length: 40, policy: "drop-last-messages" } as const;
    expect(learnt(given, { analysis: "per-turn", truncation })).toEqual([ofFirst]);
    expect(learnt(given, { analysis: "keep", lastTurnOnly: true, truncation })).toEqual([]);
    expect(learnt(given, { analysis: "keep", truncation })).toEqual([ofFirst]);
  });

  it("is never another turn, wherever the ids are cut", () => {
    const given = [...turn("Q1", "T1", "A1"), ...turn("Q2", "T2", "A2")];
    for (const [analysis, whole] of [
      ["per-turn", [ofFirst, ofLast]],
      ["keep", [ofLast]],
    ] as const) {
      for (let length = 1; length <= 60; length += 1) {
        for (const policy of ["cut", "drop-last-messages", "drop-oldest-turns"] as const) {
          const options = { analysis, lastTurnOnly: true, truncation: { length, policy } };
          for (const text of learnt(given, options)) {
            expect(text).not.toBe("");
            const ended = policy === "drop-last-messages" ? text.replace(/<\|end\|>$/, "") : text;
            expect(whole.some((turn) => turn.startsWith(ended))).toBe(true);
          }
        }
      }
    }
  });

  it("may leave nothing to learn, and then there is no sample", () => {
    const given = turn("Q1", "T1", "A1");
    const cut = (length: number) =>
      learnt(given, { analysis: "keep", truncation: { length, policy: "cut" } });
    // <|start|>user<|message|>Q1<|end|><|start|>assistant is eight ids.
    expect(cut(8)).toEqual([]);
    expect(cut(9)).toEqual(["<|channel|>"]);
  });

  it("is kept without anything to learn where the sample was not shortened", () => {
    const given = [{ ...userMessage("Q1"), train: false }];
    const truncation = { length: 40, policy: "cut" } as const;
    expect(learnt(given, { truncation })).toEqual([""]);
  });
});
