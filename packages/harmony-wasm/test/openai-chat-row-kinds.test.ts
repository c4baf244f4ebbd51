import { conversationFromChatCompletions } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { answer, between, CALL, encoding, question, RESULT, said } from "./chat-row-texts.ts";

describe("channel, recipient and content type of an assistant's message", () => {
  it.each([
    [
      { channel: "analysis", content: "t" },
      "<|start|>assistant<|channel|>analysis<|message|>t<|end|>",
    ],
    [
      { channel: "", recipient: "", content: "t" },
      "<|start|>assistant<|channel|>final<|message|>t<|end|>",
    ],
    [{ recipient: "all", content: "t" }, "<|start|>assistant<|channel|>final<|message|>t<|end|>"],
    [
      { recipient: "functions.f", content: "{}" },
      "<|start|>assistant to=functions.f<|channel|>commentary<|message|>{}<|call|>",
    ],
    [
      { recipient: "f", channel: "commentary", content_type: "<|constrain|>json", content: "{}" },
      `${CALL}{}<|call|>`,
    ],
    [
      { recipient: "python", content_type: "code", content: "1" },
      "<|start|>assistant to=python<|channel|>analysis code<|message|>1<|call|>",
    ],
    [{ channel: "thinking", content: "t" }, "refused at messages[1].channel"],
    [{ channel: "final<|message|>", content: "t" }, "refused at messages[1].channel"],
    [{ recipient: "f g", content: "t" }, "refused at messages[1].recipient"],
    [{ recipient: "user", content: "t" }, "refused at messages[1].recipient"],
    [{ content_type: "a b", content: "t" }, "refused at messages[1].content_type"],
  ])("%j", (fields, text) => expect(said(fields)).toBe(text));

  it("of a result must be those that it is rendered with", () => {
    const call = { role: "assistant", recipient: "f", content: "{}" };
    const result = { role: "tool", content: "r" };
    const row = (fields: object) =>
      between({ messages: [question, call, { ...result, ...fields }, answer] });
    const rendered = `<|start|>assistant to=functions.f<|channel|>commentary<|message|>{}<|call|>${RESULT}r<|end|>`;
    expect(row({})).toBe(rendered);
    expect(row({ channel: "commentary", recipient: "assistant", content_type: null })).toBe(
      rendered,
    );
    expect(row({ channel: "analysis" })).toBe("refused at messages[2].channel");
    expect(row({ content_type: "json" })).toBe("refused at messages[2].content_type");
  });
});

describe("fields that would be lost", () => {
  const call = { id: "1", function: { name: "f", arguments: "{}" } };
  it.each([
    [{ ...question, tool_calls: [call] }, "tool_calls"],
    [{ ...question, reasoning: "t" }, "reasoning"],
    [{ ...question, tool_call_id: "1" }, "tool_call_id"],
    [{ ...question, tools: [{ name: "f" }] }, "tools"],
    [{ ...answer, thought: "t" }, "thought"],
    [{ ...answer, chain_of_thought: "t" }, "chain_of_thought"],
  ])("%j", (message, field) => {
    expect(between({ messages: [message, answer] })).toBe(`refused at messages[0].${field}`);
  });
  it("are ignored where they are empty", () => {
    const empty = { tool_calls: [], reasoning: "", tool_call_id: null, tools: {}, thought: "" };
    expect(
      between({
        messages: [
          { ...question, ...empty },
          { ...answer, ...empty },
        ],
      }),
    ).toBe("");
  });
});

describe("chains of thought", () => {
  const thought = "<|start|>assistant<|channel|>analysis<|message|>t<|end|>";
  const text = "<|start|>assistant<|channel|>final<|message|>x<|end|>";
  const details = [{ type: "reasoning.text", text: "t" }];
  it.each([
    [{ reasoning_details: details }, thought + text],
    [{ reasoning_details: JSON.stringify(details) }, thought + text],
    [{ reasoning: "t", reasoning_details: details }, thought + text],
    [
      { reasoning: "t", reasoning_details: [{ type: "reasoning.encrypted", data: "x" }] },
      thought + text,
    ],
    [{ reasoning: "u", reasoning_details: details }, "refused at messages[1]"],
    [
      { reasoning_details: [{ type: "reasoning.summary", summary: "t" }] },
      "refused at messages[1].reasoning_details[0].type",
    ],
    [{ thinking: " \n" }, text],
  ])("%j", (fields, wanted) => expect(said({ content: "x", ...fields })).toBe(wanted));

  const tagged: [content: string, refused: string, read: string][] = [
    ["<think>t</think>x", "refused at messages[1].content", thought + text],
    ["\n<thinking>\nt\n</thinking>\n\nx", "refused at messages[1].content", thought + text],
    ["[THINK]t[/THINK]x", "refused at messages[1].content", thought + text],
    ["t</think>x", "refused at messages[1].content", thought + text],
    ["<think>\n\n</think>x", "refused at messages[1].content", text],
    ["<think>t x", "refused at messages[1].content", "refused at messages[1].content"],
    ["so <think>t</think>x", "refused at messages[1].content", "refused at messages[1].content"],
    [
      "<think>t</think><think>u</think>x",
      "refused at messages[1].content",
      "refused at messages[1].content",
    ],
  ];
  it.each(tagged)("%j", (content, refused, read) => {
    const row = { messages: [question, { role: "assistant", content }, answer] };
    expect(between(row)).toBe(refused);
    expect(between(row, { thinkTags: true })).toBe(read);
    expect(between(row, { allowMarkup: true })).toContain(`final<|message|>${content}<|end|>`);
  });
  it("in a field and in tags must be the same", () => {
    const row = (reasoning: string) => ({
      messages: [question, { role: "assistant", reasoning, content: "<think>t</think>x" }, answer],
    });
    expect(between(row("t"), { thinkTags: true })).toBe(thought + text);
    expect(between(row("u"), { thinkTags: true })).toBe("refused at messages[1].content");
  });
});

it("has its model identity in the row, or in the template's arguments", () => {
  const messages = [question];
  for (const row of [
    { messages, model_identity: "You are Kit." },
    { messages, model_identity: "", chat_template_kwargs: { model_identity: "You are Kit." } },
  ]) {
    const conversation = conversationFromChatCompletions(JSON.stringify(row));
    const text = encoding.decodeUtf8(encoding.renderConversation(conversation));
    expect(text).toContain("<|start|>system<|message|>You are Kit.\n");
  }
});

describe("the row", () => {
  const messages = [question, answer];
  it.each([
    ["an empty system message", { messages: [{ role: "system", content: "" }, ...messages] }, ""],
    ["an instructions column", { messages, instructions: "S" }, "refused at instructions"],
    ["no instructions in the column", { messages, instructions: "" }, ""],
    ["pictures", { messages, images: ["a.png"] }, "refused at images"],
    ["no pictures", { messages, images: [], image: null }, ""],
    [
      "pictures of LLaVA",
      { image: "a.png", conversations: [{ from: "human", value: "<image>\nWhat?" }] },
      "refused at image",
    ],
    [
      "pictures of a message",
      { messages: [{ ...question, images: ["a.png"] }, answer] },
      "refused at messages[0].images",
    ],
    [
      "a refusal beside empty content",
      { messages: [question, { role: "assistant", content: "", refusal: "No." }, answer] },
      "<|start|>assistant<|channel|>final<|message|>No.<|end|>",
    ],
    [
      "a refusal beside other content",
      { messages: [question, { role: "assistant", content: "yes", refusal: "No." }, answer] },
      "refused at messages[1].refusal",
    ],
    [
      "a system prompt in a column",
      { messages, system_prompt: "S" },
      "<|start|>developer<|message|># Instructions\n\nS<|end|>",
    ],
    [
      "the same prompt twice",
      { messages, system: "S", system_prompt: "S" },
      "<|start|>developer<|message|># Instructions\n\nS<|end|>",
    ],
    [
      "different prompts",
      { messages, system: "S", system_prompt: "T" },
      "refused at system_prompt",
    ],
    [
      "markup",
      { messages: [question, answer, { role: "user", content: "<|end|>" }, answer] },
      "refused at messages[2]",
    ],
    [
      "a user's name with a space",
      { messages: [{ ...question, name: "a b" }, answer] },
      "refused at messages[0].name",
    ],
    ["a user's empty name", { messages: [{ ...question, name: "" }, answer] }, ""],
    ["KTO", { prompt: [question], completion: [answer], label: false }, "refused at messages"],
  ])("%s", (_name, row, text) => expect(between(row)).toBe(text));

  it("has the template's arguments as JSON text too", () => {
    const row = {
      messages,
      chat_template_kwargs: '{"reasoning_effort": "high"}',
      builtin_tools: '["python"]',
    };
    const text = between(row, { systemMessage: true });
    expect(text).toContain("Reasoning: high");
    expect(text).toContain("## python");
    expect(between({ messages, chat_template_kwargs: [] }, { systemMessage: true })).toBe(
      "refused at chat_template_kwargs",
    );
  });
});
