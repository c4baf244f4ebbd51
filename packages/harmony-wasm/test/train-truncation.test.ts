/** Samples that are too long become upstream's render of fewer messages, or are cut. */

import fc from "fast-check";
import type { Message } from "harmony-wasm";
import { renderTrainingSamples, type Truncation } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { encoding, holds, KEEP, messages, render } from "./train-conversations.js";

const ofAll = (policy: Truncation["policy"], given: readonly Message[], length: number) =>
  renderTrainingSamples(encoding, given, { analysis: "keep", truncation: { length, policy } });
const lengths = fc.integer({ min: 1, max: 200 });

describe("truncation", () => {
  it("does not change samples that fit", () => {
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
        const expected = given.length === 0 || fitting > 0 ? [render(given.slice(0, fitting))] : [];
        const found = ofAll("drop-last-messages", given, length).map(({ tokens }) => tokens);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("cuts anywhere, and its spans with it", () => {
    holds(
      fc.property(messages, lengths, (given, length) => {
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
