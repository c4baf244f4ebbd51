/**
 * `continueConversation` keeps all sampled ids over many turns; rendering the
 * parsed messages again would change some. And `parseHarmonyText`, beyond the
 * tests of harmony-core.
 */

import {
  continueConversation,
  loadHarmonyEncodingSync,
  parseHarmonyText,
  toolMessage,
  userMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const tokensOf = (text: string) => encoding.encode(text, { allowedSpecial: "all" });
const START = "<|start|>assistant";
const [END, RETURN] = [200007, 200002];

/** Turns as gpt-oss writes them, some malformed, and the messages that follow. */
const CALL = "<|channel|>commentary to=functions.f";
const TURNS = [
  [
    `<|channel|>analysis<|message|>Hm.<|end|>${START}${CALL} <|constrain|>json<|message|>{}<|call|>`,
    true,
  ],
  [`${CALL} json<|message|>{ "a" :1}<|call|>`, true],
  [`<|channel|>analysis to=functions.f code<|message|>x = "é"<|call|>`, true],
  ["<|channel|>final<|message|>One.<|return|>", false],
  [
    `<|channel|>analysis<|message|>Hm<|channel|>commentary${START}${CALL}<|message|>{}<|call|>`,
    true,
  ],
  ["<|channel|>final Two, 二.<|return|>", false],
  [`${CALL} <|constrain|>json<|message|>{}`, true],
  ["<|channel|>final<|message|>Three", false],
] as const;

function next(isCall: boolean) {
  const header = { channel: "commentary", recipient: "assistant" };
  return isCall ? toolMessage("functions.f", "ok", header) : userMessage("And now?");
}

describe("over many turns", () => {
  let prompt = encoding.renderConversationForCompletion([userMessage("Hi")], "assistant");
  it.each(TURNS)("sampled ids do not change: %s", (completion, isCall) => {
    for (const keepReturn of [true, false]) {
      const ids = tokensOf(completion);
      const message = next(isCall);
      const following = continueConversation(encoding, prompt, ids, [message], "assistant", {
        keepReturn,
      });
      const kept = Uint32Array.of(...prompt, ...ids);
      const isReturned = !keepReturn && kept.at(-1) === RETURN;
      if (isReturned) kept[kept.length - 1] = END;
      expect(following.slice(0, kept.length)).toEqual(kept);
      const rendered = encoding.render(message);
      const rest = following.slice(following.length - rendered.length - 2);
      expect(rest).toEqual(Uint32Array.of(...rendered, ...tokensOf(START)));
      if (keepReturn) continue;
      prompt = following;
    }
  });

  it("rendering the parsed messages again changes ids", () => {
    const ids = tokensOf(`${CALL} <|constrain|>json<|message|>{}<|call|>`);
    const messages = encoding.parseMessagesFromCompletionTokens(ids, "assistant");
    const anew = encoding.renderConversation(messages);
    expect(encoding.decode(anew)).toBe(
      `${START} to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|>`,
    );
    expect(encoding.decode(ids)).not.toBe(encoding.decode(anew).replace(START, ""));
  });

  it("a rendered prompt keeps its ending", () => {
    const conversation = [userMessage("Hi")];
    const answer = { role: "assistant", channel: "final", content: "One." } as const;
    const prompt = encoding.renderConversationForCompletion(conversation, "assistant");
    for (const stop of ["<|return|>", "<|end|>", ""]) {
      const ids = tokensOf(`<|channel|>final<|message|>One.${stop}`);
      const more = [userMessage("And now?")];
      expect(continueConversation(encoding, prompt, ids, more, "assistant")).toEqual(
        encoding.renderConversationForCompletion([...conversation, answer, ...more], "assistant"),
      );
    }
  });
});

describe("continueConversation", () => {
  const hi = "<|start|>user<|message|>Hi<|end|>";
  const more = "<|start|>user<|message|>And now?<|end|>";
  it.each([
    ["cuts a header, with its beginning in the prompt", "<|channel|>fin", hi],
    [
      "ends a call that was returned as the renderer does",
      `${CALL}<|message|>{}<|return|>`,
      `${hi}${START}${CALL}<|message|>{}<|call|>`,
    ],
  ])("%s", (_, completion, kept) => {
    const [prompt, sampled] = [tokensOf(hi + START), tokensOf(completion)];
    const next = [userMessage("And now?")];
    const following = continueConversation(encoding, prompt, sampled, next, "assistant");
    expect(encoding.decodeUtf8(following)).toBe(`${kept}${more}${START}`);
  });

  it("accepts ids and messages in every form, and names the path of a refused message", () => {
    const forms = [Uint32Array.of(200006), [200006], new Set([200006])];
    const json = '{"messages": [{"role": "user", "content": "x"}]}';
    const all = forms.map((ids) => continueConversation(encoding, ids, [], json, "assistant"));
    expect(new Set(all.map((ids) => ids.join())).size).toBe(1);
    const refused = [userMessage("x"), { role: "tool", content: "x" } as const];
    expect(() => continueConversation(encoding, [], [], refused, "user")).toThrow(
      expect.objectContaining({ code: "render_failed", path: "messages[1]" }),
    );
  });
});

describe("parseHarmonyText", () => {
  it("reads a whole transcript, and text without its special tokens", () => {
    const spelled = `<|start|>user<|message|>hi<|end|>${START}<|channel|>final<|message|>Hi 👋<|return|>`;
    expect(parseHarmonyText(encoding, spelled)).toEqual({
      messages: [
        { message: { role: "user", content: "hi" }, certain: true },
        { message: { role: "assistant", content: "Hi 👋", channel: "final" }, certain: true },
      ],
    });
    const { messages } = parseHarmonyText(encoding, "analysisHm 👋assistantfinalHi", "assistant");
    expect(messages).toEqual([
      { message: { role: "assistant", content: "Hm 👋", channel: "analysis" }, certain: false },
      { message: { role: "assistant", content: "Hi", channel: "final" }, certain: false },
    ]);
  });
});
