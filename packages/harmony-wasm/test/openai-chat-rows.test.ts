/**
 * The mapping of Chat Completions, as docs/chat-completions.md has it. The
 * expected values here were written by hand.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type ChatOptions, conversationFromChatCompletions } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const BARE: ChatOptions = { systemMessage: false };

function mapped(row: object | string, options: ChatOptions = BARE): unknown[] {
  const text = typeof row === "string" ? row : JSON.stringify(row);
  return JSON.parse(conversationFromChatCompletions(text, options)).messages;
}

const developer = (instructions: string) => ({
  role: "developer",
  content: [{ type: "developer_content", instructions }],
});
const user = (content: unknown) => ({ role: "user", content });
const assistant = (channel: string, content: unknown) => ({ role: "assistant", channel, content });
const call = (name: string, content: string) => ({
  role: "assistant",
  channel: "commentary",
  recipient: `functions.${name}`,
  content_type: "<|constrain|>json",
  content,
});
const result = (name: string, content: unknown) => ({
  role: "tool",
  name: `functions.${name}`,
  recipient: "assistant",
  channel: "commentary",
  content,
});

const UNTRAINED = [{ ...assistant("final", "4"), train: false }];

describe("messages", () => {
  it.each([
    [
      "system and developer",
      [
        { role: "system", content: "a" },
        { role: "developer", content: "b" },
      ],
      [developer("a"), developer("b")],
    ],
    [
      "a user's text and parts",
      [
        user("hi"),
        user([
          { type: "text", text: "a" },
          { type: "input_text", text: "b" },
        ]),
      ],
      [
        user("hi"),
        user([
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ]),
      ],
    ],
    ["a user's name", [{ ...user("hi"), name: "bob" }], [{ ...user("hi"), name: "bob" }]],
    [
      "what is trained on, and what says nothing",
      [{ role: "assistant", content: "4", weight: 1, train: true, name: null, audio: null }],
      [assistant("final", "4")],
    ],
    ["an answer", [{ role: "assistant", content: "4" }], [assistant("final", "4")]],
    ["an empty answer", [{ role: "assistant", content: "" }], [assistant("final", "")]],
    ...["thinking", "reasoning_content", "reasoning"].map(
      (field) =>
        [
          `${field} and an answer`,
          [{ role: "assistant", [field]: "hm", content: "4" }],
          [assistant("analysis", "hm"), assistant("final", "4")],
        ] as const,
    ),
    [
      "thinking alone",
      [{ role: "assistant", thinking: "hm", content: "" }],
      [assistant("analysis", "hm")],
    ],
    [
      "a refusal",
      [{ role: "assistant", content: null, refusal: "no" }],
      [assistant("final", "no")],
    ],
    ["what is not trained on", [{ role: "assistant", content: "4", weight: 0 }], UNTRAINED],
    ["the same, by a flag", [{ role: "assistant", content: "4", train: false }], UNTRAINED],
    ["Axolotl's flag", [{ role: "assistant", content: "4", training: false }], UNTRAINED],
    ["ms-swift's flag", [{ role: "assistant", content: "4", loss: false }], UNTRAINED],
  ] as const)("%s", (_name, messages, expected) => {
    expect(mapped({ messages })).toEqual(expected);
  });
});

const calls = [
  { id: "1", type: "function", function: { name: "f", arguments: '{"x": 1}' } },
  {
    id: "2",
    type: "function",
    function: { name: "g", arguments: { "10": 1.0, "2": "東\n", e: [], o: {} } },
  },
];

describe("calls of tools", () => {
  it("become a message each, with what was said before them on commentary", () => {
    const messages = [
      { role: "assistant", thinking: "hm", content: "Let me see.", tool_calls: calls },
    ];
    expect(mapped({ messages }).slice(0, 3)).toEqual([
      assistant("analysis", "hm"),
      assistant("commentary", "Let me see."),
      call("f", '{"x": 1}'),
    ]);
  });

  it("get arguments that are objects as Python writes them, with numbers unchanged", () => {
    const text = `{"messages":[{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"g","arguments":
      {"b":1.0, "10" : 12345678901234567890,"2":[1,{"c":true}],"s":"\\u6771\\n"}}}]}]}`;
    expect(mapped(text)).toEqual([
      call("g", '{"b": 1.0, "10": 12345678901234567890, "2": [1, {"c": true}], "s": "東\\n"}'),
    ]);
  });

  it("have results by id, by name, or by the call before", () => {
    const messages = [
      { role: "assistant", tool_calls: calls },
      { role: "tool", tool_call_id: "1", content: "72F" },
      { role: "tool", name: "h", content: [{ type: "text", text: "a" }] },
      { role: "tool", content: { ok: true } },
      { role: "function", name: "browser.search", content: "b" },
    ];
    expect(mapped({ messages }).slice(2)).toEqual([
      result("f", "72F"),
      result("g", '{"ok": true}'),
      result("h", [{ type: "text", text: "a" }]),
      { ...result("f", "b"), name: "browser.search", channel: "analysis" },
    ]);
  });
});

describe("tools that are offered", () => {
  it("are in the first developer message, with upstream's namespace", () => {
    const tools = [
      {
        type: "function",
        function: { name: "f", description: "F.", parameters: { type: "object", properties: {} } },
      },
      { name: "bare" },
    ];
    const functions = {
      name: "functions",
      tools: [
        { name: "f", description: "F.", parameters: { type: "object", properties: {} } },
        { name: "bare", description: "" },
      ],
    };
    const content = { type: "developer_content", tools: { functions } };
    const rest = [user("hi")];
    expect(mapped({ messages: rest, tools })).toEqual([
      { role: "developer", content: [content] },
      ...rest,
    ]);
    const system = { role: "system", content: "Be brief." };
    const withText = { role: "developer", content: [{ ...content, instructions: "Be brief." }] };
    expect(mapped({ messages: [system, ...rest], tools: JSON.stringify(tools) })).toEqual([
      withText,
      ...rest,
    ]);
    expect(mapped({ messages: rest, tools: [] })).toEqual(rest);
  });

  it("render schemas with the numbers and the order of the text", () => {
    const text = `{"tools":[{"type":"function","function":{"parameters":{"type":"object","properties":
      {"10":{"type":"number","default":1.0},"2":{"type":"integer","default":12345678901234567890}}},
      "name":"f"}}],"messages":[{"role":"user","content":""}]}`;
    const encoding = loadHarmonyEncodingSync();
    const tokens = encoding.renderConversation(conversationFromChatCompletions(text, BARE));
    const rendered = encoding.decodeUtf8(tokens);
    expect(rendered).toContain(
      "10?: number, // default: 1.0\\n2?: number, // default: 12345678901234567890".replace(
        "\\n",
        "\n",
      ),
    );
  });
});

describe("the system message", () => {
  const rendered = (row: object, options?: ChatOptions) => {
    const encoding = loadHarmonyEncodingSync();
    return encoding.decodeUtf8(
      encoding.renderConversation(
        conversationFromChatCompletions(
          JSON.stringify({ messages: [user("hi")], ...row }),
          options,
        ),
      ),
    );
  };

  it("is harmony's, with what options and the row say", () => {
    expect(rendered({})).toContain("You are ChatGPT");
    expect(rendered({})).not.toContain("Current date");
    expect(rendered({}, { reasoningEffort: "low" })).toContain("Reasoning: low");
    expect(rendered({ reasoning_effort: "high" }, { reasoningEffort: "low" })).toContain(
      "Reasoning: high",
    );
    expect(rendered({ reasoning: { effort: "high" }, reasoning_effort: "" })).toContain(
      "Reasoning: high",
    );
    const kwargs = {
      chat_template_kwargs: { reasoning_effort: "high", model_identity: "You are X." },
    };
    expect(rendered(kwargs)).toMatch(/You are X\.[\s\S]*Reasoning: high/);
    const dates = { conversationStartDate: "2025-06-28", knowledgeCutoff: "2024-01" };
    expect(rendered({}, dates)).toMatch(/Knowledge cutoff: 2024-01\nCurrent date: 2025-06-28/);
  });
});
