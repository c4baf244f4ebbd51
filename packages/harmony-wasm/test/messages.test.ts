/** The functions that create messages: fields, defaults, and no shared objects. */

import {
  assistantMessage,
  developerMessage,
  functionTools,
  loadHarmonyEncodingSync,
  type MessageHeader,
  ReasoningEffort,
  type SystemContent,
  systemMessage,
  toolMessage,
  toolNamespaces,
  userMessage,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

/** Upstream's `SystemContent::default()`, from its chat.rs. */
const DEFAULTS = {
  model_identity: "You are ChatGPT, a large language model trained by OpenAI.",
  reasoning_effort: "Medium",
  knowledge_cutoff: "2024-06",
  channel_config: {
    valid_channels: ["analysis", "commentary", "final"],
    channel_required: true,
  },
};

const encoding = loadHarmonyEncodingSync();
const system = (fields: object) => {
  return { role: "system", content: [{ type: "system_content", ...fields }] };
};

describe("systemMessage", () => {
  it("has upstream's defaults", () => {
    expect(systemMessage()).toStrictEqual(system(DEFAULTS));
    expect(systemMessage({})).toStrictEqual(system(DEFAULTS));
  });

  const given: SystemContent = {
    model_identity: "You are a test.",
    reasoning_effort: ReasoningEffort.HIGH,
    tools: { browser: toolNamespaces.browser },
    conversation_start_date: "2025-06-28",
    knowledge_cutoff: "2025-01",
    channel_config: { valid_channels: ["final"], channel_required: false },
  };
  it.each(Object.entries(given))("accepts %s, and keeps the other defaults", (name, value) => {
    const expected = system({ ...DEFAULTS, [name]: value });
    expect(systemMessage({ [name]: value })).toStrictEqual(expected);
  });

  it.each(Object.keys(given))("keeps the default of %s for undefined", (name) => {
    const content: object = { [name]: undefined };
    expect(systemMessage(content)).toStrictEqual(system(DEFAULTS));
  });

  const lines: [name: keyof SystemContent, line: string][] = [
    ["reasoning_effort", "Reasoning: medium"],
    ["knowledge_cutoff", "Knowledge cutoff: 2024-06"],
    ["channel_config", "# Valid channels: analysis, commentary, final."],
  ];
  it.each(lines)("omits %s for null", (name, line) => {
    const message = systemMessage({ [name]: null });
    expect(message).toStrictEqual(system({ ...DEFAULTS, [name]: null }));
    expect(encoding.decodeUtf8(encoding.render(systemMessage()))).toContain(line);
    expect(encoding.decodeUtf8(encoding.render(message))).not.toContain(line);
  });
});

describe("a newcomer's mistake", () => {
  it.each([
    [
      "a system prompt as a system message",
      () => systemMessage("You are helpful" as never),
      '"content" expected an object, got "You are helpful": pass a system prompt to developerMessage(text)',
    ],
    [
      "an effort as other APIs write it",
      () => systemMessage({ reasoning_effort: "high" as never }),
      '"content.reasoning_effort" expected "Low" (ReasoningEffort.LOW), "Medium" (ReasoningEffort.MEDIUM), ' +
        '"High" (ReasoningEffort.HIGH), got "high"',
    ],
    [
      "a misspelt field of a tool",
      () => functionTools([{ name: "a", description: "", paramters: {} } as never]),
      '"tools[0]" has no field "paramters"; its fields are name, description, parameters',
    ],
  ])("%s is answered with what to write", (_, call, message) => {
    expect(call).toThrow(new TypeError(message));
  });

  it("one message as a conversation is answered with what to write", () => {
    const advice = "This is one message: pass it in an array, or to render().";
    expect(() => encoding.renderConversation(userMessage("x") as never)).toThrow(
      expect.objectContaining({
        code: "invalid_conversation",
        reason: `invalid conversation JSON: missing field \`messages\`\n${advice}`,
        path: "messages",
      }),
    );
  });

  it("an unknown role is answered with the known ones", () => {
    const render = () =>
      encoding.renderConversationForCompletion([userMessage("x")], "asistant" as never);
    expect(render).toThrow(
      expect.objectContaining({
        code: "unknown_role",
        message:
          "unknown role: asistant\nExpected one of user, assistant, system, developer, tool.",
      }),
    );
  });
});

describe("developerMessage", () => {
  const developer = (fields: object) => {
    return { role: "developer", content: [{ type: "developer_content", ...fields }] };
  };

  it("has instructions alone, as text or as a field", () => {
    const expected = developer({ instructions: "Be brief." });
    expect(developerMessage("Be brief.")).toStrictEqual(expected);
    expect(developerMessage({ instructions: "Be brief." })).toStrictEqual(expected);
    expect(developerMessage("")).toStrictEqual(developer({ instructions: "" }));
  });

  it("has tools, or nothing", () => {
    const tools = functionTools([{ name: "f", description: "" }]);
    expect(developerMessage({ tools })).toStrictEqual(developer({ tools }));
    expect(developerMessage({})).toStrictEqual(developer({}));
  });
});

const header = {
  name: "Ann",
  recipient: "functions.f",
  channel: "commentary",
  content_type: "<|constrain|>json",
};

describe("the other messages", () => {
  it("have a role and content, and no more", () => {
    expect(userMessage("hi")).toStrictEqual({ role: "user", content: "hi" });
    expect(assistantMessage("hi")).toStrictEqual({ role: "assistant", content: "hi" });
    expect(toolMessage("f", "hi")).toStrictEqual({ role: "tool", name: "f", content: "hi" });
  });

  it("accept every field of the header", () => {
    expect(userMessage("hi", header)).toStrictEqual({ role: "user", ...header, content: "hi" });
    const assistant = { role: "assistant", ...header, content: "hi" };
    expect(assistantMessage("hi", header)).toStrictEqual(assistant);
    const tool = { role: "tool", ...header, name: "f", content: "hi" };
    expect(toolMessage("f", "hi", header)).toStrictEqual(tool);
  });

  it("accept content of several parts", () => {
    const content = [
      { type: "text" as const, text: "a" },
      { type: "text" as const, text: "b" },
    ];
    expect(userMessage(content)).toStrictEqual({ role: "user", content });
    expect(encoding.decodeUtf8(encoding.render(userMessage(content)))).toContain(">ab<|end|>");
  });

  it("render", () => {
    const call = assistantMessage("{}", { ...header, name: null });
    expect(encoding.decodeUtf8(encoding.render(call))).toBe(
      "<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|>",
    );
  });
});

describe("a header", () => {
  it("may be another message, whose role and content are ignored", () => {
    const other: MessageHeader = toolMessage("f", "old", { channel: "final" });
    const user = { role: "user", name: "f", channel: "final", content: "new" };
    expect(userMessage("new", other)).toStrictEqual(user);
    expect(assistantMessage("new", other)).toStrictEqual({ ...user, role: "assistant" });
    const tool = { ...user, role: "tool", name: "g" };
    expect(toolMessage("g", "new", userMessage("old", user))).toStrictEqual(tool);
  });
});

describe("functionTools", () => {
  it.each([
    ["function", { type: "function", function: { name: "f", description: "" } }],
    ["inputSchema", { name: "f", description: "", inputSchema: { type: "object" } }],
    ["input_schema", { name: "f", description: "", input_schema: { type: "object" } }],
  ])("refuses a tool whose schema is under %s, and names what reads it", (field, foreign) => {
    const tools = [{ name: "g", description: "" }, foreign as never];
    expect(() => functionTools(tools)).toThrow(
      new TypeError(
        `"tools[1]" has "${field}", which harmony does not read: a tool is { name, description, parameters }. ` +
          "promptFromChat of harmony-wasm/openai reads OpenAI's, MCP's and Anthropic's tools.",
      ),
    );
  });

  it("takes OpenAI's flat tools, whose type and strict are not rendered, and nulls", () => {
    const tool = { name: "f", description: "Does f.", parameters: { type: "object" } };
    const text = (given: object) =>
      encoding.decodeUtf8(
        encoding.render(developerMessage({ tools: functionTools([given as never]) })),
      );
    expect(text({ type: "function", strict: true, ...tool, title: null })).toBe(text(tool));
  });

  it("refuses a property without a schema, and names its place", () => {
    const inner = { type: "object", properties: { x: { type: "number" }, theta: null } };
    const parameters = { type: "object", properties: { pose: inner } };
    const place = "tools[0].parameters.properties.pose.properties.theta";
    expect(() => functionTools([{ name: "move", description: "", parameters }])).toThrow(
      `"${place}" expected a schema, got null`,
    );
    const cyclic = { type: "object", properties: {} as Record<string, unknown> };
    cyclic.properties.self = cyclic;
    expect(() => functionTools([{ name: "f", description: "", parameters: cyclic }])).not.toThrow();
  });

  it("returns the namespace of functions", () => {
    const tools = [{ name: "f", description: "Does f.", parameters: { type: "object" } }];
    expect(functionTools(tools)).toStrictEqual({ functions: { name: "functions", tools } });
    expect(functionTools([])).toStrictEqual({ functions: { name: "functions", tools: [] } });
  });

  it("returns a new object to each caller", () => {
    const [one, two] = [functionTools([]), functionTools([])];
    expect(one).not.toBe(two);
    expect(one.functions).not.toBe(two.functions);
    Object.assign(one.functions ?? {}, { name: "mine" });
    expect(functionTools([])).toStrictEqual(two);
  });
});

/** Whether `value` and all its parts are frozen. */
function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

describe("toolNamespaces", () => {
  it("has upstream's tools", () => {
    const names = Object.entries(toolNamespaces).map(([key, { name, tools }]) => {
      return [key, name, tools.map((tool) => tool.name)];
    });
    expect(names).toEqual([
      ["browser", "browser", ["search", "open", "find"]],
      ["python", "python", []],
    ]);
  });

  it("is frozen in all its parts", () => {
    expect(isDeeplyFrozen(toolNamespaces)).toBe(true);
  });
});

describe("two messages", () => {
  it("share no mutable object", () => {
    const [one, two] = [systemMessage(), systemMessage()];
    const [part] = one.content;
    Object.assign(Object(part), { model_identity: "changed", tools: {} });
    expect(two).toStrictEqual(system(DEFAULTS));
    expect(systemMessage()).toStrictEqual(system(DEFAULTS));
    const [kept] = two.content;
    expect(isDeeplyFrozen(Object(kept).channel_config)).toBe(true);
    expect(one.content).not.toBe(two.content);
  });

  it("copy the header", () => {
    const given: MessageHeader = { channel: "final" };
    const message = assistantMessage("hi", given);
    given.channel = "analysis";
    expect(message.channel).toBe("final");
  });
});
