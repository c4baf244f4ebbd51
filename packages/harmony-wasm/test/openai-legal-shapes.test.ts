/** Shapes of Chat Completions that clients send and that say less than most: they are read, with a warning where something is lost. */

import { conversationFromChatCompletions, promptFromChat } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { encoding } from "./ai-sdk-support.ts";

const question = { role: "user", content: "hi" };
const again = { role: "user", content: "go on" };
const promptOf = (said: object) => promptFromChat(encoding, { messages: [question, said, again] });
const textOf = (said: object) => encoding.decodeUtf8(promptOf(said).tokens).split("hi<|end|>")[1];
const EMPTY = "<|start|>assistant<|channel|>final<|message|><|end|>";
const NEXT = "<|start|>user<|message|>go on<|end|><|start|>assistant";

const ENCRYPTED = {
  type: "reasoning.encrypted",
  data: "gAAA",
  id: "r",
  format: "openai",
  index: 0,
};
const SUMMARY = { type: "reasoning.summary", summary: "It thought.", id: "r", index: 1 };
const REDACTED = { type: "redacted_thinking", data: "EmwK" };

describe("blocks of reasoning that hold no thought", () => {
  const call = { id: "1", type: "function", function: { name: "f", arguments: "{}" } };

  it.each([
    ["reasoning_details", ENCRYPTED],
    ["reasoning_details", SUMMARY],
    ["thinking_blocks", REDACTED],
  ])("are left out of %s with a warning: %j", (field, block) => {
    const said = { role: "assistant", content: "4", [field]: [block] };
    expect(textOf(said)).toBe(EMPTY.replace("<|end|>", "4<|end|>") + NEXT);
    expect(promptOf(said).warnings).toMatchObject([
      { code: "omitted_item", param: `messages[1].${field}[0]` },
    ]);
  });

  it("are left out beside a thought, which is kept", () => {
    const text = { type: "reasoning.text", text: "Two and two.", signature: null };
    const blocks = [text, ENCRYPTED];
    const said = {
      role: "assistant",
      content: null,
      reasoning_details: blocks,
      tool_calls: [call],
    };
    const result = { role: "tool", tool_call_id: "1", content: "1" };
    const { tokens } = promptFromChat(encoding, { messages: [question, said, result] });
    expect(encoding.decodeUtf8(tokens)).toContain(
      "<|channel|>analysis<|message|>Two and two.<|end|>",
    );
  });

  it("need no warning beside the same thought as text", () => {
    const said = {
      role: "assistant",
      content: "4",
      reasoning: "Hm.",
      reasoning_details: [SUMMARY],
    };
    expect(promptOf(said).warnings).toEqual([]);
  });

  it("of no known type are refused, and so are all of them in a row, whose warnings nobody reads", () => {
    const said = (block: object) => ({
      role: "assistant",
      content: "4",
      reasoning_details: [block],
    });
    const refusal = expect.objectContaining({ path: "messages[1].reasoning_details[0].type" });
    expect(() => promptOf(said({ type: "reasoning.other" }))).toThrow(refusal);
    const messages = [question, said(ENCRYPTED)];
    expect(() => conversationFromChatCompletions({ messages })).toThrow(refusal);
  });
});

describe("an assistant's message that says nothing", () => {
  it.each([
    [{ role: "assistant" }],
    [{ role: "assistant", content: null }],
    [{ role: "assistant", tool_calls: [] }],
    [{ role: "assistant", content: [] }],
  ])("is an empty answer: %j", (said) => {
    expect(textOf(said)).toBe(EMPTY + NEXT);
  });

  it.each([[{ role: "assistant" }], [{ role: "assistant", tool_calls: [] }]])(
    "is refused in a row, which would train on nothing: %j",
    (said) => {
      expect(() => conversationFromChatCompletions({ messages: [question, said] })).toThrow(
        expect.objectContaining({ code: "invalid_conversation", path: "messages[1]" }),
      );
    },
  );
});

describe("a response format without a schema", () => {
  const formatted = (response_format: object) =>
    promptFromChat(encoding, { messages: [question], response_format });
  const open = { type: "json_schema", json_schema: { name: "x" } };

  it("asks for any JSON object, with a warning", () => {
    const { constraint, tokens, warnings } = formatted(open);
    const any = formatted({ type: "json_object" });
    expect(constraint).toEqual(any.constraint);
    expect(tokens).toEqual(any.tokens);
    expect(warnings).toMatchObject([
      { code: "ignored_parameter", param: "response_format.json_schema" },
    ]);
  });

  it("is refused without the object that names it, and in a row", () => {
    const path = "response_format.json_schema.schema";
    const refusal = expect.objectContaining({ code: "invalid_conversation", path });
    expect(() => formatted({ type: "json_schema" })).toThrow(refusal);
    const row = { messages: [question], response_format: open };
    expect(() => conversationFromChatCompletions(row)).toThrow(refusal);
  });
});
