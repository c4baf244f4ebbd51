/** Properties of masks on random conversations, for all presets and selectors. */

import fc from "fast-check";
import { conversations } from "harmony-conformance/differential/conversations";
import { randomFrom } from "harmony-conformance/differential/texts";
import { type ConversationInput, loadHarmonyEncodingSync, Role, userMessage } from "harmony-wasm";
import { type LossMaskOptions, type LossMaskPreset, labels, lossMask } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const KEEP = { for: "training", config: { auto_drop_analysis: false } } as const;
const PRESETS: LossMaskPreset[] = ["sampled", "body", "trl", "megatron"];
const ROLES = Object.values(Role);

/** Random conversations that upstream renders. */
const rendered = conversations(encoding, randomFrom(7)).map((conversation) => {
  try {
    return encoding.renderWithSpans(conversation as ConversationInput, KEEP);
  } catch {
    return encoding.renderWithSpans([userMessage("refused")], KEEP);
  }
});
const preset = fc.constantFrom(...PRESETS);
const holds = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property, { numRuns: 300, seed: 7 });

describe("a mask", () => {
  it("of one preset lies within that of another", () => {
    const within = (inner: Uint8Array, outer: Uint8Array) =>
      inner.every((place, at) => place <= (outer[at] ?? 0));
    holds(
      fc.property(rendered, (given) => {
        const mask = (name: LossMaskPreset) => lossMask(given, { preset: name });
        expect(within(mask("body"), mask("megatron"))).toBe(true);
        expect(within(mask("megatron"), mask("sampled"))).toBe(true);
        expect(within(mask("sampled"), mask("trl"))).toBe(true);
      }),
    );
  });

  it("covers content and terminator of the selected messages, and nothing of others", () => {
    holds(
      fc.property(rendered, preset, fc.subarray(ROLES), (given, name, roles) => {
        const mask = lossMask(given, { preset: name, roles });
        for (const { role, start, content_start, end } of given.spans) {
          const part = mask.subarray(roles.includes(role) ? content_start : start, end);
          expect(new Set(part)).toEqual(new Set([roles.includes(role) ? 1 : 0]));
        }
      }),
    );
  });

  it("of all roles is the union of those of each", () => {
    holds(
      fc.property(rendered, preset, (given, name) => {
        const each = ROLES.map((role) => lossMask(given, { preset: name, roles: [role] }));
        const sum = given.tokens.map((_, at) => each.reduce((n, mask) => n + (mask[at] ?? 0), 0));
        expect([...lossMask(given, { preset: name, roles: ROLES })]).toEqual([...sum]);
      }),
    );
  });

  it("of some messages and that of the rest add up to the whole", () => {
    holds(
      fc.property(
        rendered,
        preset,
        fc.array(fc.boolean(), { minLength: 9 }),
        (given, name, some) => {
          const options = { preset: name, roles: ROLES };
          const chosen = lossMask(given, { ...options, messages: some });
          const rest = lossMask(given, { ...options, messages: (message) => !some[message] });
          const both = chosen.map((place, at) => place + (rest[at] ?? 0));
          expect(both).toEqual(lossMask(given, options));
        },
      ),
    );
  });

  it("gives labels that equal the ids where it is 1", () => {
    holds(
      fc.property(rendered, preset, (given, name) => {
        const mask = lossMask(given, { preset: name });
        const expected = [...given.tokens].map((token, at) => (mask[at] === 1 ? token : -100));
        expect([...labels(given.tokens, mask)]).toEqual(expected);
        expect([...labels([...given.tokens], [...mask])]).toEqual(expected);
      }),
    );
  });
});

const assistant = (content: string, channel?: string) => {
  return { role: Role.ASSISTANT, content, ...(channel !== undefined && { channel }) };
};
const GIVEN = encoding.renderWithSpans(
  [
    userMessage("first"),
    assistant("a", "analysis"),
    assistant("b", "final"),
    userMessage("second"),
    assistant("c"),
    assistant("d", "final"),
    assistant("e", "final"),
  ],
  KEEP,
);

/** The text that is trained on, per message. */
function learnt(options: LossMaskOptions): string {
  const mask = lossMask(GIVEN, options);
  return encoding.decodeUtf8(GIVEN.tokens.filter((_, at) => mask[at] === 1));
}

describe("selectors", () => {
  it.each<[LossMaskOptions, string]>([
    [{}, "a<|end|>b<|end|>c<|end|>d<|end|>e<|return|>"],
    [{ analysis: false }, "b<|end|>c<|end|>d<|end|>e<|return|>"],
    [{ lastTurnOnly: true }, "c<|end|>d<|end|>e<|return|>"],
    [{ channels: ["analysis"] }, "a<|end|>"],
    [{ channels: ["analysis"], analysis: false }, ""],
    [{ channels: [] }, ""],
    [{ roles: ["user"] }, "first<|end|>second<|end|>"],
    [{ roles: ["user"], lastTurnOnly: true }, ""],
    [{ messages: (message) => message > 4 }, "d<|end|>e<|return|>"],
    [{ messages: [true, true, false, false, false, false, false] }, "a<|end|>"],
  ])("%o", (options, expected) => {
    expect(learnt({ ...options, preset: "body" })).toBe(expected);
  });

  it("leave the starts of messages in a turn where they were", () => {
    const header = "<|start|>assistant<|channel|>final<|message|>";
    expect(learnt({ analysis: false })).toBe(
      `${header}b<|end|><|message|>c<|end|>${header}d<|end|>${header.slice(18)}e<|return|>`,
    );
  });
});
