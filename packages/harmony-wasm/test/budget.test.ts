/**
 * Open messages, prompts within a budget, and the offsets of tokens. Expected ids
 * come from @dqbd/tiktoken, and from the renders, which the vectors check.
 */

import {
  assistantMessage,
  developerMessage,
  fitConversation,
  isWithinTokenLimit,
  loadHarmonyEncodingSync,
  type Message,
  RecoveringParser,
  renderForContinuation,
  systemMessage,
  tokenOffsets,
  tokenTexts,
  toolResult,
  userMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();

describe("renderForContinuation", () => {
  const opened = assistantMessage("The answer is", { channel: "final" });
  const asked = [userMessage("2 + 2?")];

  it("is the render without the last stop token", () => {
    const tokens = renderForContinuation(encoding, [...asked, opened]);
    expect([...tokens]).toEqual([
      ...encoding.renderConversation([...asked, opened]).subarray(0, -1),
    ]);
  });

  it("is a prefix for a parser", () => {
    const prefix = renderForContinuation(encoding, [...asked, opened]);
    const parser = new RecoveringParser(encoding, null, { prefix });
    parser.push(encoding.encode(" 4.<|return|>", { allowedSpecial: "all" }));
    parser.end();
    expect(parser.messages.at(-1)).toMatchObject({
      message: { role: "assistant", channel: "final", content: "The answer is 4." },
      repairs: [],
    });
  });

  it("refuses an empty conversation", () => {
    expect(() => renderForContinuation(encoding, [])).toThrow(/expected a last message/);
  });
});

describe("countTokens", () => {
  const conversation = { messages: [systemMessage(), userMessage("2 + 2?")] };
  const prompt = { for: "completion", nextTurnRole: "assistant" } as const;

  it("counts the ids of each render of a conversation", () => {
    const { length } = encoding.renderConversation(conversation);
    expect(encoding.countTokens(conversation)).toBe(length);
    expect(encoding.countTokens(conversation.messages)).toBe(length);
    expect(encoding.countTokens(conversation, prompt)).toBe(
      encoding.renderConversationForCompletion(conversation, "assistant").length,
    );
    expect(encoding.countTokens(conversation, { messages: [1] })).toBe(
      encoding.render(userMessage("2 + 2?")).length,
    );
  });

  it("counts JSON text as a text", () => {
    const text = JSON.stringify(conversation);
    expect(encoding.countTokens(text)).toBe(encoding.encodeOrdinary(text).length);
  });

  it("refuses the options of a render beside a text", () => {
    expect(() => encoding.countTokens("hi", prompt)).toThrow(/"options" expected a conversation/);
    expect(() => isWithinTokenLimit(encoding, "hi", 7, prompt)).toThrow(/"options" expected/);
  });

  it("compares the count with a limit", () => {
    const count = encoding.countTokens(conversation, prompt);
    expect(isWithinTokenLimit(encoding, conversation, count, prompt)).toBe(count);
    expect(isWithinTokenLimit(encoding, conversation, count - 1, prompt)).toBe(false);
  });
});

describe("the options of encode", () => {
  it.each([[["<|endoftext|>"]], ["all"], [new Set(["<|endoftext|>"])]])(
    "name the replacement of tiktoken's second argument: %j",
    (given) => {
      expect(() => encoding.encode("x", given as never)).toThrow(
        /"options" expected an object, got .*write { allowedSpecial: … }/,
      );
    },
  );
});

describe("fitConversation", () => {
  const system = [systemMessage(), developerMessage("Be brief.")];
  const call = assistantMessage("{}", { channel: "commentary", recipient: "functions.f" });
  const turn = (number: number): Message[] => [
    userMessage(`question ${number}`),
    call,
    toolResult(call, "12:00"),
    assistantMessage(`answer ${number}`, { channel: "final" }),
  ];
  const last = [userMessage("and now?")];
  const whole = [...system, ...turn(1), ...turn(2), ...turn(3), ...last];
  const cost = (messages: Message[]) =>
    encoding.renderConversationForCompletion(messages, "assistant").length;

  it.each([0, 1, 2, 3])("drops the %i oldest turns, and no more", (dropped) => {
    const turns = [turn(1), turn(2), turn(3)];
    const kept = [...system, ...turns.slice(dropped).flat(), ...last];
    expect(fitConversation(encoding, whole, cost(kept))).toEqual(kept);
    if (dropped === 3) return;
    const next = [...system, ...turns.slice(dropped + 1).flat(), ...last];
    expect(fitConversation(encoding, whole, cost(kept) - 1)).toEqual(next);
  });

  it("keeps the messages that cannot be dropped, or reports how many tokens they need", () => {
    const least = cost([...system, ...last]);
    expect(() => fitConversation(encoding, whole, least - 1)).toThrow(
      new RangeError(
        `"limit" is ${least - 1}, but the messages that cannot be dropped need ${least} tokens`,
      ),
    );
  });

  it("refuses messages that are not an array, and invalid limits", () => {
    expect(() => fitConversation(encoding, Object("x"), 5)).toThrow(/"messages" expected an array/);
    expect(() => fitConversation(encoding, last, -1)).toThrow(RangeError);
  });
});

describe("isWithinTokenLimit", () => {
  it.each<[string, unknown]>([
    // gpt-tokenizer's call
    ["isWithinTokenLimit", () => Reflect.apply(isWithinTokenLimit, undefined, ["hello", 5])],
    ["fitConversation", () => Reflect.apply(fitConversation, undefined, [[], 5])],
    ["renderForContinuation", () => Reflect.apply(renderForContinuation, undefined, [[]])],
  ])("%s asks for the encoding first", (_, call) => {
    expect(call).toThrow(/^"encoding" expected a HarmonyEncoding, got /);
  });

  it("returns the count, or false", () => {
    expect(isWithinTokenLimit(encoding, "hello world", 2)).toBe(2);
    expect(isWithinTokenLimit(encoding, "hello world", 1)).toBe(false);
    expect(isWithinTokenLimit(encoding, "", 0)).toBe(0);
  });
});

describe("tokenTexts", () => {
  it.each(["hello world", "hi 🦄 Größe ❤️‍🔥 日本語", ""])(
    "groups whole characters of %j",
    (text) => {
      const tokens = encoding.encodeOrdinary(text);
      const texts = tokenTexts(encoding, tokens);
      expect(texts.map((token) => token.text).join("")).toBe(text);
      expect(texts.every((token) => token.text.isWellFormed() && !/\uFFFD/.test(token.text))).toBe(
        true,
      );
      expect(texts.map(({ end }) => end)).toEqual([
        ...texts.slice(1).map(({ start }) => start),
        ...(texts.length > 0 ? [tokens.length] : []),
      ]);
    },
  );

  it("joins to the result of decode, for any ids", () => {
    let state = 7;
    const next = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 8;
    };
    for (let round = 0; round < 300; round += 1) {
      const ids = Array.from({ length: 12 }, () => next() % (next() % 2 ? 256 : 199_998));
      const texts = tokenTexts(encoding, ids);
      expect(texts.map(({ text }) => text).join("")).toBe(encoding.decode(ids));
      const offsets = tokenOffsets(encoding, ids);
      expect(offsets).toHaveLength(ids.length);
      expect(offsets.at(-1)?.[1]).toBe(encoding.decode(ids).length);
    }
  });

  it("refuses an unknown id with its position", () => {
    expect(() => tokenTexts(encoding, [1, 99_999_999])).toThrow(
      expect.objectContaining({ code: "invalid_token", index: 1 }),
    );
  });
});

describe("toolResult", () => {
  it("refuses a message that is not a call", () => {
    expect(() => toolResult(userMessage("hi"), "12:00")).toThrow(
      '"call.recipient" expected the name of the called tool, got undefined',
    );
  });
});

describe("systemMessage", () => {
  it("refuses a field that upstream would ignore", () => {
    // @ts-expect-error: the field's name is reasoning_effort
    expect(() => systemMessage({ reasoningEffort: "High" })).toThrow(
      '"content" has no field "reasoningEffort"; its fields are model_identity, reasoning_effort',
    );
  });
});
