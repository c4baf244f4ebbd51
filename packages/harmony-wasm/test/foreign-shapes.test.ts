/**
 * Messages and tools in the shapes of other APIs. Upstream's reader would skip the
 * fields it does not know, so they are refused, with the function that reads them.
 */

import {
  developerMessage,
  HarmonyError,
  loadHarmonyEncodingSync,
  systemMessage,
  userMessage,
} from "harmony-wasm";
import { conversationFromChatCompletions, promptFromChat } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const assistant = (fields: object) => ({ role: "assistant", content: "x", ...fields });
const CALLS = [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }];

function refusalOf(call: () => unknown): HarmonyError {
  try {
    call();
  } catch (error) {
    if (error instanceof HarmonyError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const FIELDS: [field: string, value: unknown][] = [
  ["tool_calls", CALLS],
  ["tool_call_id", "1"],
  ["function_call", { name: "f", arguments: "{}" }],
  ["reasoning_content", "thought"],
  ["reasoning", "thought"],
  ["reasoning_details", [{ type: "reasoning.text", text: "thought" }]],
  ["thinking", "thought"],
  ["thinking_blocks", [{ type: "thinking", thinking: "thought" }]],
  ["refusal", "no"],
];

describe.each(FIELDS)("a message's %s", (field, value) => {
  const messages = [userMessage("hi"), assistant({ [field]: value })];
  const renders: [string, (given: never) => unknown][] = [
    ["renderConversation", (given) => encoding.renderConversation(given)],
    ["a prompt", (given) => encoding.renderConversationForCompletion(given, "assistant")],
    ["training", (given) => encoding.renderConversationForTraining(given)],
    ["spans", (given) => encoding.renderWithSpans(given)],
    ["a count", (given) => encoding.countTokens(JSON.parse(JSON.stringify(given)))],
  ];

  it.each(renders)(
    "is refused by %s, with its path and the function that reads it",
    (name, render) => {
      const failure = refusalOf(() => render(messages as never));
      expect(failure.code).toBe("invalid_conversation");
      expect(failure.path).toBe(`messages[1].${field}`);
      expect(failure.message).toContain("promptFromChat");
      expect(failure.message).toContain("conversationFromChatCompletions");
      expect(refusalOf(() => render({ messages } as never)).path).toBe(`messages[1].${field}`);
      if (name === "a count") return;
      const text = JSON.stringify({ messages });
      expect(refusalOf(() => render(text as never)).path).toBe(`messages[1].${field}`);
    },
  );

  it("is refused by render", () => {
    const message = assistant({ [field]: value });
    expect(refusalOf(() => encoding.render(message as never)).path).toBe(field);
    expect(refusalOf(() => encoding.render(JSON.stringify(message, null, 2))).path).toBe(field);
  });

  it.each([null, undefined, [], ""])("is accepted as %j, which loses nothing", (empty) => {
    const given = [userMessage("hi"), assistant({ [field]: empty })] as never;
    const plain = [userMessage("hi"), assistant({})] as never;
    expect(encoding.renderConversation(given)).toEqual(encoding.renderConversation(plain));
    const text = JSON.stringify(given);
    expect(encoding.renderConversation(text)).toEqual(encoding.renderConversation(plain));
  });

  it("is ordinary inside a text", () => {
    const quoted = userMessage(JSON.stringify({ [field]: value }));
    const ids = encoding.renderConversation([quoted]);
    expect(encoding.renderConversation(JSON.stringify([quoted]))).toEqual(ids);
    expect(encoding.decode(ids)).toContain(field);
  });
});

describe("a tool", () => {
  const inside = (tool: object) => {
    const tools = {
      functions: { name: "functions", tools: [{ name: "g", description: "" }, tool] },
    };
    return { role: "developer", content: [{ type: "developer_content", tools }] };
  };
  const SCHEMA = { type: "object", properties: { city: { type: "string" } } };

  it.each([
    ["inputSchema", { name: "f", description: "", inputSchema: SCHEMA }],
    ["input_schema", { name: "f", description: "", input_schema: SCHEMA }],
  ])("with %s is refused", (field, tool) => {
    const path = `messages[0].content[0].tools.functions.tools[1].${field}`;
    const given = [inside(tool)] as never;
    const failure = refusalOf(() => encoding.renderConversation(given));
    expect(failure.path).toBe(path);
    expect(failure.message).toContain("promptFromChat");
    expect(refusalOf(() => encoding.renderConversation(JSON.stringify(given))).path).toBe(path);
  });

  it("in OpenAI's wrapper is refused by upstream, since its name is missing", () => {
    const wrapped = { type: "function", function: { name: "f", parameters: SCHEMA } };
    const failure = refusalOf(() => encoding.renderConversation([inside(wrapped)] as never));
    expect(failure.path).toBe("messages[0].content[0].tools.functions.tools[1].name");
    expect(failure.reason).toContain("missing field `name`");
  });

  it("may have parameters of these names", () => {
    const properties = { inputSchema: SCHEMA, tool_calls: SCHEMA, function: SCHEMA };
    const parameters = { type: "object", properties };
    const given = [inside({ name: "f", description: "", parameters })] as never;
    const ids = encoding.renderConversation(given);
    expect(encoding.decode(ids)).toContain("inputSchema");
    expect(encoding.renderConversation(JSON.stringify(given))).toEqual(ids);
  });

  it("in a list is refused in favour of functionTools", () => {
    const tools = [{ name: "f", description: "" }] as never;
    for (const make of [developerMessage, systemMessage]) {
      expect(() => make({ tools })).toThrow(/"content.tools" expected namespaces.*functionTools/);
    }
  });
});

describe("a request", () => {
  it.each(["tools", "functions"])("with %s beside its messages is refused", (field) => {
    const request = { messages: [userMessage("hi")], [field]: [{ type: "function" }] };
    const failure = refusalOf(() => encoding.renderConversation(request));
    expect(failure.path).toBe(field);
    expect(failure.message).toContain("promptFromChat");
    const text = JSON.stringify(request);
    expect(refusalOf(() => encoding.renderConversation(text)).path).toBe(field);
  });

  it("is refused for its system message of plain text", () => {
    const messages = [{ role: "system", content: "Be brief." }, userMessage("hi")] as never[];
    const prompt = (given: never) => encoding.renderConversationForCompletion(given, "assistant");
    const failure = refusalOf(() => prompt({ messages } as never));
    expect(failure.code).toBe("invalid_conversation");
    expect(failure.path).toBe("messages[0].content");
    expect(failure.message).toContain("developerMessage(text)");
    expect(refusalOf(() => prompt(messages as never)).path).toBe("messages[0].content");
  });

  it("keeps upstream's ids for plain text that is meant", () => {
    const parts = [{ role: "system", content: [{ type: "text", text: "Be brief." }] }] as never;
    const plain = [{ role: "system", content: "Be brief." }] as never;
    const prompt = encoding.renderConversationForCompletion(parts, "assistant");
    expect(prompt).toEqual(
      encoding.renderConversationForCompletion(JSON.stringify(plain), "assistant"),
    );
    expect(encoding.decode(prompt)).toBe(
      "<|start|>system<|message|>Be brief.<|end|><|start|>assistant",
    );
    expect(encoding.renderConversation(plain)).toEqual(encoding.renderConversation(parts));
  });

  it("is rendered by the functions that the errors name", () => {
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: CALLS },
      { role: "tool", tool_call_id: "1", content: "7" },
    ];
    const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
    const { tokens } = promptFromChat(encoding, { model: "m", messages, tools } as never);
    expect(encoding.decode(tokens)).toContain("to=functions.f");
    const row = conversationFromChatCompletions(JSON.stringify({ messages, tools }));
    expect(encoding.decode(encoding.renderConversation(row))).toContain("to=functions.f");
  });
});
