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
import { describe, expect, it, vi } from "vitest";

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

  const thought = (text: string) => assistantMessage(text, { channel: "analysis" });
  const answer = (text: string) => assistantMessage(text, { channel: "final" });
  const final = (text: string) => `<|start|>assistant<|channel|>final<|message|>${text}`;
  const analysis = (text: string) =>
    `<|start|>assistant<|channel|>analysis<|message|>${text}<|end|>`;
  const user = (text: string) => `<|start|>user<|message|>${text}<|end|>`;
  const turn = [userMessage("Q"), thought("T"), answer("A")];
  const spoken = (messages: Message[], config?: { auto_drop_analysis?: boolean }) =>
    encoding.decodeUtf8(renderForContinuation(encoding, messages, config));

  it("keeps the thoughts that lead to the open message", () => {
    const open = [userMessage("Q2"), thought("T2"), answer("The ans")];
    const opened = user("Q2") + analysis("T2") + final("The ans");
    expect(spoken(open)).toBe(opened);
    expect(spoken(open, { auto_drop_analysis: true })).toBe(opened);
    expect(spoken([thought("T2"), answer("The ans")])).toBe(analysis("T2") + final("The ans"));
    expect(spoken(open.slice(0, 2))).toBe(user("Q2") + analysis("T2").slice(0, -"<|end|>".length));
  });

  it("drops the thoughts that a prompt of the turns before would not have", () => {
    const given = [...turn, userMessage("Q2"), thought("T2"), answer("The ans")];
    const opened = user("Q2") + analysis("T2") + final("The ans");
    expect(spoken(given)).toBe(`${user("Q")}${final("A")}<|end|>${opened}`);
    expect(spoken(given, { auto_drop_analysis: false })).toBe(
      `${user("Q")}${analysis("T")}${final("A")}<|end|>${opened}`,
    );
    const json = encoding.decodeUtf8(renderForContinuation(encoding, JSON.stringify(given)));
    expect(json).toBe(spoken(given));
    // Upstream drops nothing where the last answer is not final.
    const cutOff = [...turn.slice(0, 2), userMessage("Q2"), answer("The ans")];
    expect(spoken(cutOff)).toBe(user("Q") + analysis("T") + user("Q2") + final("The ans"));
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

const system = [systemMessage(), developerMessage("Be brief.")];
const cost = (messages: Message[]) =>
  encoding.renderConversationForCompletion(messages, "assistant").length;

describe("fitConversation", () => {
  const call = assistantMessage("{}", { channel: "commentary", recipient: "functions.f" });
  const turn = (number: number): Message[] => [
    userMessage(`question ${number}`),
    call,
    toolResult(call, "12:00"),
    assistantMessage(`answer ${number}`, { channel: "final" }),
  ];
  const last = [userMessage("and now?")];
  const whole = [...system, ...turn(1), ...turn(2), ...turn(3), ...last];

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

describe("fitConversation, where there are thoughts,", () => {
  it("counts the thoughts that upstream no longer keeps once older turns are dropped", () => {
    const thought = assistantMessage("T2 ".repeat(50), { channel: "analysis" });
    const answer = (text: string) => assistantMessage(text, { channel: "final" });
    const second = [userMessage("Q2"), thought, answer("A2")];
    const given = [userMessage("Q1"), answer("A1"), ...second];
    // Without the thought: 6 ids of Q2, 8 of A2, and the 2 that begin the next message.
    expect(fitConversation(encoding, given, 16)).toEqual(second);
    expect(fitConversation(encoding, given, 40)).toEqual(second);
    expect(() => fitConversation(encoding, given, 15)).toThrow(/is 15, .* need 16 tokens/);
    const keep = { config: { auto_drop_analysis: false } };
    expect(() => fitConversation(encoding, given, 40, keep)).toThrow(/is 40, .* need 1\d\d tokens/);
  });

  it("drops no turn more than it must, whatever is thought in them, at every limit", () => {
    let state = 3;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 40; round += 1) {
      const turns = Array.from({ length: 1 + random(6) }, (): Message[] => [
        userMessage("q ".repeat(random(9))),
        ...(random(4) > 0
          ? [assistantMessage("t ".repeat(random(60)), { channel: "analysis" })]
          : []),
        ...(random(4) > 0 ? [assistantMessage("a ".repeat(random(9)), { channel: "final" })] : []),
      ]);
      const costs = turns.map((_, dropped) => cost([...system, ...turns.slice(dropped).flat()]));
      for (let limit = Math.min(...costs) - 1; limit <= Math.max(...costs); limit += 7) {
        const dropped = costs.findIndex((each) => each <= limit);
        const fitted = () => fitConversation(encoding, [...system, ...turns.flat()], limit);
        if (dropped < 0) expect(fitted).toThrow(`need ${costs.at(-1)} tokens`);
        else expect(fitted()).toEqual([...system, ...turns.slice(dropped).flat()]);
      }
    }
  });

  it("renders a few times, however many turns there are", () => {
    const turns = Array.from({ length: 400 }, (_, number) => [
      userMessage(`question ${number}`),
      assistantMessage("thought ".repeat(number % 7), { channel: "analysis" }),
      assistantMessage(`answer ${number}`, { channel: "final" }),
    ]).flat();
    const counted = vi.spyOn(encoding, "countTokens");
    for (const limit of [100, 1000, 4000]) {
      counted.mockClear();
      fitConversation(encoding, turns, limit);
      expect(counted.mock.calls.length).toBeLessThanOrEqual(4);
    }
    counted.mockRestore();
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
