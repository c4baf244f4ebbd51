/**
 * Rows as public data sets have them, kind by kind: carried over, or refused with the place of the
 * field that would be lost. The text is what upstream renders, without the user's question and the
 * last answer.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type ChatOptions, conversationFromChatCompletions } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const question = { role: "user", content: "q" };
const answer = { role: "assistant", content: "a" };
const [QUESTION, ANSWER] = [
  "<|start|>user<|message|>q<|end|>",
  "<|start|>assistant<|channel|>final<|message|>a<|end|>",
];

/** What a row renders between the question and the answer, or the path of its refusal. */
function between(row: object | string, options: ChatOptions = {}): string {
  const text = typeof row === "string" ? row : JSON.stringify(row);
  try {
    const conversation = conversationFromChatCompletions(text, {
      systemMessage: false,
      ...options,
    });
    const keep = { auto_drop_analysis: false };
    const rendered = encoding.decodeUtf8(encoding.renderConversation(conversation, keep));
    return rendered.replace(QUESTION, "").replace(ANSWER, "");
  } catch (error) {
    return `refused at ${(error as { path: string }).path}`;
  }
}
const said = (fields: object) =>
  between({ messages: [question, { role: "assistant", ...fields }, answer] });
const toolsOf = (tools: unknown, more: object = {}) => {
  const text = between({ messages: [question, answer], tools, ...more });
  return /type .*/s.exec(text)?.[0].split(" => any;")[0] ?? text;
};
const CALL = "<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>";
const RESULT = "<|start|>functions.f to=assistant<|channel|>commentary<|message|>";

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

const parameters = { type: "object", properties: { a: { type: "string" } } };
const TYPE = "type f = (_: {\na?: string,\n})";
const TOOLS: [name: string, tools: unknown, text: string][] = [
  ["MCP's", [{ name: "f", inputSchema: parameters }], TYPE],
  ["Anthropic's", [{ name: "f", input_schema: parameters }], TYPE],
  ["a schema as JSON text", [{ name: "f", parameters: JSON.stringify(parameters) }], TYPE],
  ["a list as JSON text", JSON.stringify([{ name: "f", parameters }]), TYPE],
  ["each as JSON text", [JSON.stringify({ name: "f", parameters })], TYPE],
  ["one as JSON text", JSON.stringify({ name: "f", parameters }), "refused at tools"],
  ["null as JSON text", "null", ""],
  ["an empty schema", [{ name: "f", parameters: "" }], "type f = ()"],
  [
    "capitals",
    [{ name: "f", parameters: { type: "OBJECT", properties: { a: { type: "String" } } } }],
    TYPE,
  ],
  [
    "types of BFCL",
    [{ name: "f", parameters: { type: "dict", properties: { a: { type: "float" } } } }],
    "type f = (_: {\na?: number,\n})",
  ],
  [
    "types of Python",
    [
      {
        name: "f",
        parameters: {
          type: "object",
          properties: {
            a: { type: "List[str]" },
            b: { type: "Optional[int]" },
            c: { type: "Union[str, float]" },
            d: { type: "int | None" },
            e: { type: "List[List[int]]" },
            f: { type: "tuple" },
            g: { type: "list[int]", items: { type: "str" } },
            h: { type: "Any" },
          },
        },
      },
    ],
    "type f = (_: {\na?: string[],\nb?: number | null,\nc?: string | number,\nd?: number | null,\n" +
      "e?: number[][],\nf?: Array<any>,\ng?: string[],\nh?: any,\n})",
  ],
  [
    "types of nobody",
    [{ name: "f", parameters: { type: "object", properties: { a: { type: "Callable[int]" } } } }],
    "refused at tools[0].parameters.properties.a.type",
  ],
  [
    "arguments without a schema, as xLAM's",
    [
      {
        name: "f",
        parameters: {
          a: { type: "str", description: "A." },
          b: { type: "str, optional" },
          c: { type: "int", default: 3 },
          d: { type: "Optional[str]" },
          e: { type: "bool", required: false },
        },
      },
    ],
    "type f = (_: {\n// A.\na: string,\nb?: string,\nc?: number, // default: 3\nd?: string | null,\ne?: boolean,\n})",
  ],
  ["two of one name", [{ name: "f" }, { name: "f" }], "refused at tools[1].name"],
  ["their namespace in the name", [{ name: "functions.f" }], "refused at tools[0].name"],
  [
    "markup in a description",
    [{ name: "f", description: "Ends at <|end|>." }],
    "refused at tools[0].description",
  ],
  [
    "markup in a schema",
    [{ name: "f", parameters: { type: "object", properties: { a: { title: "<|end|>" } } } }],
    "refused at tools[0].parameters",
  ],
  [
    "Bedrock's",
    [{ name: "f", inputSchema: { json: parameters } }],
    "refused at tools[0].inputSchema",
  ],
  ["another name of the schema", [{ name: "f", args: parameters }], "refused at tools[0].args"],
  ["a schema of results", [{ name: "f", response: parameters }], "type f = ()"],
  ["a name with a space", [{ name: "a b", parameters }], "refused at tools[0].name"],
];

describe("tools", () => {
  it.each(TOOLS)("%s", (_name, tools, text) => expect(toolsOf(tools)).toBe(text));
  it("are in one field", () => {
    const functions = [{ name: "g" }];
    expect(toolsOf([{ name: "f" }], { functions })).toBe("refused at functions");
    expect(toolsOf([], { functions })).toBe("type g = ()");
  });
});

describe("arguments", () => {
  const args = (given: unknown, properties?: object) => {
    const call = { id: "1", function: { name: "f", arguments: given } };
    const tools = properties ? [{ name: "f", parameters: { type: "object", properties } }] : [];
    const text = between({
      messages: [question, { role: "assistant", tool_calls: [call] }, answer],
      tools,
    });
    return text.slice(text.indexOf(CALL) + CALL.length).replace("<|call|>", "");
  };
  it.each([
    ["null", null, undefined, "{}"],
    ["empty text", "", undefined, ""],
    ["an empty object", {}, undefined, "{}"],
    ["a null that no schema explains", { a: null }, undefined, '{"a": null}'],
    ["a null of an unknown member", { a: 1, b: null }, { a: { type: "integer" } }, '{"a": 1}'],
    [
      "a null of an optional member",
      { a: 1, b: null },
      { a: {}, b: { type: "string" } },
      '{"a": 1}',
    ],
    ["a null that is a value", { a: null }, { a: { type: ["string", "null"] } }, '{"a": null}'],
    ["a null by default", { a: null }, { a: { type: "string", default: null } }, '{"a": null}'],
    [
      "nulls in lists",
      { l: [{ p: 1, q: null }] },
      { l: { type: "array", items: { type: "object", properties: { p: {} } } } },
      '{"l": [{"p": 1}]}',
    ],
  ])("%s", (_name, given, properties, text) => expect(args(given, properties)).toBe(text));

  it.each([[[1]], [3], [true]])("that are %j are refused", (given) => {
    const call = { function: { name: "f", arguments: given } };
    expect(said({ tool_calls: [call] })).toBe(
      "refused at messages[1].tool_calls[0].function.arguments",
    );
  });

  it("are read from calls that are JSON text, and from function_call", () => {
    const calls = '[{"id": "1", "function": {"name": "f", "arguments": {"a": 1.50}}}]';
    expect(said({ tool_calls: calls })).toBe(`${CALL}{"a": 1.50}<|call|>`);
    expect(said({ content: "x", tool_calls: "", function_call: { name: "", arguments: "" } })).toBe(
      "<|start|>assistant<|channel|>final<|message|>x<|end|>",
    );
    const call = { name: "f", arguments: "{}" };
    expect(said({ function_call: call, tool_calls: [{ function: call }] })).toBe(
      "refused at messages[1].function_call",
    );
  });
});

const call = (name: string, id?: unknown) => ({ id, function: { name, arguments: "{}" } });
const tool = (fields: object) => ({ role: "tool", ...fields });
/** The results of a row, as their tool and their text. */
function results(calls: object[], ...given: object[]): string {
  const messages = [question, { role: "assistant", tool_calls: calls }, ...given, answer];
  const text = between({ messages });
  if (text.startsWith("refused")) return text;
  const pattern = /functions\.(\w) to=assistant<\|channel\|>\w+<\|message\|>(.*?)<\|end\|>/g;
  return Array.from(text.matchAll(pattern), ([, name, content]) => `${name}:${content}`).join(" ");
}
const RESULTS: [name: string, calls: object[], given: object[], wanted: string][] = [
  [
    "by id",
    [call("f", "1"), call("g", "2")],
    [tool({ tool_call_id: "2", content: "y" }), tool({ tool_call_id: "1", content: "x" })],
    "f:x g:y",
  ],
  [
    "of one tool, by id",
    [call("f", "1"), call("f", "2")],
    [tool({ tool_call_id: "2", content: "y" }), tool({ tool_call_id: "1", content: "x" })],
    "f:x f:y",
  ],
  [
    "without ids",
    [call("f"), call("g")],
    [tool({ content: "x" }), tool({ content: "y" })],
    "f:x g:y",
  ],
  [
    "with empty ids",
    [call("f", ""), call("g", "")],
    [tool({ tool_call_id: "", content: "x" }), tool({ tool_call_id: "", content: "y" })],
    "f:x g:y",
  ],
  [
    "with numbers as ids",
    [call("f", 1), call("g", 2)],
    [tool({ tool_call_id: 2, content: "y" })],
    "g:y",
  ],
  [
    "by Ollama's name",
    [call("f"), call("g")],
    [tool({ tool_name: "g", content: "y" }), tool({ tool_name: "f", content: "x" })],
    "f:x g:y",
  ],
  [
    "with ids that the calls lack",
    [call("f"), call("g")],
    [
      tool({ tool_call_id: "a", content: "x" }),
      tool({ tool_call_id: "b", name: "g", content: "y" }),
    ],
    "f:x g:y",
  ],
  [
    "with an unknown id",
    [call("f", "1")],
    [tool({ tool_call_id: "2", content: "x" })],
    "refused at messages[2].tool_call_id",
  ],
  [
    "of another tool than the call",
    [call("f", "1"), call("g", "2")],
    [tool({ tool_call_id: "1", name: "g", content: "x" })],
    "refused at messages[2].name",
  ],
  [
    "twice for one call",
    [call("f", "1")],
    [tool({ tool_call_id: "1", content: "x" }), tool({ tool_call_id: "1", content: "y" })],
    "refused at messages[3].tool_call_id",
  ],
  [
    "with one id for two calls",
    [call("f", "1"), call("g", "1")],
    [],
    "refused at messages[1].tool_calls[1].function",
  ],
  ["as a list", [call("f", "1")], [tool({ content: [{ t: 20 }] })], 'f:[{"t": 20}]'],
  [
    "as parts",
    [call("f", "1")],
    [tool({ content: [{ type: "text", text: "x", image_url: null }] })],
    "f:x",
  ],
  ["null", [call("f", "1")], [tool({ content: null })], "refused at messages[2].content"],
];

describe("results", () => {
  it.each(RESULTS)("%s", (_name, calls, given, text) => {
    expect(results(calls, ...given)).toBe(text);
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
