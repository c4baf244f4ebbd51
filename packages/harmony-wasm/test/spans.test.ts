/**
 * What renderWithSpans adds to a render. Every vector and the differential run check
 * that its ids are the render's and that every span contains its message.
 */

import {
  assistantMessage,
  type Conversation,
  loadHarmonyEncodingSync,
  Role,
  toolMessage,
  userMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const GIVEN: Conversation = {
  messages: [
    { role: "system", content: "s" },
    { role: "developer", content: "d" },
    userMessage("u"),
    assistantMessage("thought", { channel: "analysis" }),
    assistantMessage("{}", { channel: "commentary", recipient: "functions.f" }),
    toolMessage("functions.f", "7", { channel: "commentary", recipient: "assistant" }),
    assistantMessage("f", { channel: "final" }),
  ],
};
const KEEP = { auto_drop_analysis: false };
const indices = (options: Parameters<typeof encoding.renderWithSpans>[1]) =>
  encoding.renderWithSpans(GIVEN, options).spans.map(({ message }) => message);

describe("a span", () => {
  it("has the role, channel and recipient of its message, and no more fields", () => {
    const { spans } = encoding.renderWithSpans(GIVEN, { config: KEEP });
    const fields = spans.map(({ start, content_start, content_end, end, ...rest }) => rest);
    const given = GIVEN.messages.map(({ role, channel, recipient }, message) => {
      return { message, role, ...(channel && { channel }), ...(recipient && { recipient }) };
    });
    expect(fields).toEqual(given);
    expect(new Set(fields.map(({ role }) => role))).toEqual(new Set(Object.values(Role)));
    for (const span of fields) expect(Object.values(span)).not.toContain(undefined);
  });

  it("keeps its names through other conversations", () => {
    const first = encoding.renderWithSpans(GIVEN);
    encoding.renderWithSpans([userMessage("u", { channel: "other" })]);
    expect(encoding.renderWithSpans(GIVEN)).toEqual(first);
    encoding.renderWithSpans([]);
    expect(encoding.renderWithSpans(GIVEN)).toEqual(first);
  });

  it("has the index in the given conversation if analysis was dropped", () => {
    expect(indices({})).toEqual([0, 1, 2, 4, 5, 6]);
  });

  it("excludes the start of the next message", () => {
    const { tokens, spans } = encoding.renderWithSpans(GIVEN, {
      for: "completion",
      nextTurnRole: "assistant",
    });
    const rest = tokens.subarray(spans.at(-1)?.end);
    expect(encoding.decodeUtf8(rest)).toBe("<|start|>assistant");
  });
});

describe("messages", () => {
  it("are rendered as if the others did not exist", () => {
    const chosen = [1, 2, 3, 4];
    const { tokens } = encoding.renderWithSpans(GIVEN, { messages: chosen, for: "training" });
    const alone = GIVEN.messages.filter((_, index) => chosen.includes(index));
    expect(tokens).toEqual(encoding.renderConversationForTraining(alone));
    expect(indices({ messages: chosen })).toEqual(chosen);
  });

  it("can be in any order, from any iterable, and none", () => {
    expect(indices({ messages: new Set([6, 0, 2]) })).toEqual([0, 2, 6]);
    expect(indices({ messages: [2, 2] })).toEqual([2]);
    expect(encoding.renderWithSpans(GIVEN, { messages: [] })).toEqual({
      tokens: new Uint32Array(),
      spans: [],
    });
  });

  it("are named by their index in an error", () => {
    const conversation = JSON.stringify([userMessage(""), { role: "tool", content: "" }]);
    expect(() => encoding.renderWithSpans(conversation, { messages: [1] })).toThrow(
      expect.objectContaining({ code: "render_failed", path: "messages[1]" }),
    );
  });
});

it("refuses a role without a next message", () => {
  for (const purpose of [{}, { for: "training" }] as const) {
    const got = "for" in purpose ? "training" : "conversation";
    expect(() => encoding.renderWithSpans(GIVEN, { ...purpose, nextTurnRole: "user" })).toThrow(
      new TypeError(`"options.nextTurnRole" expected options.for to be "completion", got "${got}"`),
    );
  }
});
