/** Rows as data sets have them: read where the meaning is certain, else refused with the place. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type ChatOptions, conversationFromChatCompletions } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();

function rendered(row: object, options: ChatOptions = {}): string {
  const given = JSON.stringify(row);
  const text = conversationFromChatCompletions(given, { systemMessage: false, ...options });
  return encoding.decodeUtf8(encoding.renderConversation(text, { auto_drop_analysis: false }));
}

const user = { role: "user", content: "hi" };
const call = (name: string, id?: string, args: unknown = "{}") => ({
  ...(id !== undefined && { id }),
  function: { name, arguments: args },
});
const calling = (...calls: object[]) => ({ role: "assistant", tool_calls: calls });
const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const withTool = (tool: object) => ({ messages: [user], tools: [tool] });

const READ: [name: string, row: object, order: string[], options?: ChatOptions][] = [
  ["MCP's schema", withTool({ name: "f", inputSchema: schema }), ["a: string"]],
  ["Anthropic's schema", withTool({ name: "f", input_schema: schema }), ["a: string"]],
  ["a schema as text", withTool({ name: "f", parameters: JSON.stringify(schema) }), ["a: string"]],
  [
    "a tool as text",
    { messages: [user], tools: [JSON.stringify({ name: "f", parameters: schema })] },
    ["a: string"],
  ],
  [
    "a type of Python's",
    withTool({ name: "f", parameters: { ...schema, type: "dict" } }),
    ["a: string"],
  ],
  [
    "a schema that Arrow filled",
    withTool({
      name: "f",
      parameters: { ...schema, description: null, properties: { ...schema.properties, b: null } },
    }),
    ["(_: {\na: string,\n}"],
  ],
  [
    "a system column",
    { system: "Be brief.", messages: [user] },
    ["# Instructions\n\nBe brief.", "hi"],
  ],
  [
    "OpenRouter's reasoning",
    {
      messages: [
        {
          role: "assistant",
          content: "4",
          reasoning_details: [{ type: "reasoning.text", text: "Easy." }],
        },
      ],
    },
    ["analysis<|message|>Easy.", "final<|message|>4"],
  ],
  [
    "Anthropic's thinking",
    {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Easy." },
            { type: "text", text: "4" },
          ],
        },
      ],
    },
    ["analysis<|message|>Easy.", "final<|message|>4"],
  ],
  [
    "a channel",
    { messages: [{ role: "assistant", channel: "analysis", content: "Easy." }] },
    ["analysis<|message|>Easy."],
  ],
  [
    "think tags, asked for",
    { messages: [{ role: "assistant", content: "<think>\nEasy.\n</think>\n4" }] },
    ["analysis<|message|>Easy.<|end|>", "final<|message|>4"],
    { thinkTags: true },
  ],
  [
    "markup, asked for",
    { messages: [{ role: "user", content: "<|end|>" }] },
    ["<|message|><|end|><|end|>"],
    { allowMarkup: true },
  ],
  [
    "ShareGPT",
    {
      conversations: [
        { from: "human", value: "hi" },
        { from: "gpt", value: "yo" },
      ],
    },
    ["user<|message|>hi", "final<|message|>yo"],
  ],
  [
    "ShareGPT with calls",
    {
      conversations: [
        { from: "human", value: "hi" },
        { from: "function_call", value: '{"name": "f", "arguments": {"x": 90.0}}' },
        { from: "observation", value: "r" },
      ],
    },
    ['to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"x": 90.0}<|call|>', ">r<"],
  ],
  [
    "xLAM's question and calls",
    { query: "hi", answers: '[{"name": "f", "arguments": {"x": 1}}]' },
    [
      "user<|message|>hi",
      'to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"x": 1}',
    ],
  ],
  [
    "prompt and completion",
    { prompt: [user], completion: [{ role: "assistant", content: "yo" }] },
    ["user<|message|>hi", "final<|message|>yo"],
  ],
  ["messages as text", { messages: JSON.stringify([user]) }, ["user<|message|>hi"]],
  [
    "results of one tool out of order",
    {
      messages: [
        calling(call("f", "1"), call("f", "2")),
        { role: "tool", tool_call_id: "2", content: "two" },
        { role: "tool", tool_call_id: "1", content: "one" },
      ],
    },
    ["one", "two"],
  ],
  [
    "results without ids",
    {
      messages: [
        calling(call("f"), call("g")),
        { role: "tool", content: "one" },
        { role: "tool", content: "two" },
      ],
    },
    ["functions.f to=assistant", "one", "functions.g to=assistant", "two"],
  ],
  [
    "a result that is a list",
    {
      messages: [
        calling(call("f", "1")),
        { role: "tool", tool_call_id: "1", content: [{ t: 1 }, "x"] },
      ],
    },
    ['[{"t": 1}, "x"]'],
  ],
  ["null arguments", { messages: [calling(call("f", "1", null))] }, ["json<|message|>{}<|call|>"]],
  [
    "a dotted name",
    { ...withTool({ name: "m.f" }), messages: [calling(call("m.f"))] },
    ["to=functions.m.f<|channel|>commentary"],
  ],
];

describe("is read:", () => {
  it.each(READ)("%s", (_name, row, order, options) => {
    const text = rendered(row, options);
    let at = 0;
    for (const part of order) {
      const found = text.indexOf(part, at);
      expect([part, found >= 0, text]).toEqual([part, true, text]);
      at = found + part.length;
    }
  });

  it("arguments without the nulls that the schema does not have", () => {
    const row = {
      ...withTool({ name: "f", parameters: schema }),
      messages: [calling(call("f", "1", { a: null, b: null }))],
    };
    expect(rendered(row)).toContain('<|message|>{"a": null}<|call|>');
  });
});

const REFUSED: [name: string, row: object, path: string][] = [
  [
    "two calls with one id",
    { messages: [calling(call("f", "1"), call("g", "1"))] },
    "messages[0].tool_calls[1].function",
  ],
  ["a name with a space", withTool({ name: "Get File" }), "tools[0].name"],
  [
    "think tags",
    { messages: [{ role: "assistant", content: "<think>a</think>4" }] },
    "messages[0].content",
  ],
  ["markup", { messages: [{ role: "user", content: "<|start|>" }] }, "messages[0]"],
  ["an unknown built-in tool", { messages: [user], builtin_tools: ["shell"] }, "builtin_tools[0]"],
  ["two system prompts", { system: "a", messages: [{ role: "system", content: "b" }] }, "system"],
  ["preference data", { chosen: [user], rejected: [user] }, "messages"],
  [
    "an unknown speaker",
    { conversations: [{ from: "narrator", value: "x" }] },
    "conversations[0].from",
  ],
  [
    "one observation for two calls",
    {
      conversations: [
        {
          from: "function_call",
          value: '[{"name":"f","arguments":{}},{"name":"g","arguments":{}}]',
        },
        { from: "observation", value: "x" },
      ],
    },
    "conversations[0]",
  ],
  ["prompt and completion as text", { prompt: "a", completion: "b" }, "messages"],
  [
    "a call in another format",
    { messages: [{ role: "assistant", content: '<tool_call>{"name":"f"}</tool_call>' }] },
    "messages[0].content",
  ],
  [
    "reasoning beside the messages",
    { thinking: "A thought.", messages: [user, { role: "assistant", content: "4" }] },
    "thinking",
  ],
  [
    "tools under another name",
    { available_tools: [{ name: "f" }], messages: [user] },
    "available_tools",
  ],
  [
    "reasoning in LangChain's wrapper",
    {
      messages: [
        { role: "assistant", content: "4", additional_kwargs: { reasoning_content: "Hm." } },
      ],
    },
    "messages[0].additional_kwargs.reasoning_content",
  ],
  [
    "text for another template",
    { chat_template_kwargs: { custom_instructions: "Be kind." }, messages: [user] },
    "chat_template_kwargs.custom_instructions",
  ],
  [
    "a null result",
    { messages: [calling(call("f", "1")), { role: "tool", tool_call_id: "1", content: null }] },
    "messages[1].content",
  ],
  [
    "a result too many",
    {
      messages: [
        calling(call("f")),
        { role: "tool", content: "a" },
        { role: "tool", content: "b" },
      ],
    },
    "messages[2]",
  ],
];

describe("is refused:", () => {
  it.each(REFUSED)("%s", (_name, row, path) => {
    expect(() => rendered(row)).toThrow(expect.objectContaining({ path, status: 400 }));
  });
});
