/** Items of tools that OpenAI hosts: code_interpreter and web_search both ways, the others refused or left out. */

import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  chatCompletion,
  conversationFromChatCompletions,
  type OutputItem,
  promptFromChat,
  promptFromResponses,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const builtinTools = ["browser", "python"] as const;
const hosted = [
  { type: "web_search" },
  { type: "code_interpreter", container: { type: "auto" } },
  { type: "function", name: "f", parameters: { type: "object" } },
];
const prompt = promptFromResponses(encoding, { input: "hi", tools: hosted }, { builtinTools });
const ids = (text: string) => encoding.encode(text, { allowedSpecial: "all" });
const PYTHON = "<|channel|>analysis to=python code<|message|>print(6 * 7)<|call|>";
const SEARCH =
  'to=browser.search<|channel|>analysis code<|message|>{"query": "harmony", "topn": 3}<|call|>';

let count = 0;
const newId = (prefix: string) => `${prefix}${count++}`;
const itemsOf = (text: string) => {
  count = 0;
  return response(encoding, prompt, ids(text), { id: "x", newId }).output;
};
async function eventsOf(text: string) {
  count = 0;
  const events: string[] = [];
  const source = Array.from(ids(text));
  for await (const event of responseEvents(encoding, prompt, source, { id: "x", newId })) {
    events.push(event.type.replace("response.", "") + ("delta" in event ? ` ${event.delta}` : ""));
  }
  return events;
}
/** The prompt's text after the user's question. */
function promptText(items: readonly object[]) {
  const input = [{ role: "user", content: "hi" }, ...items];
  const { tokens, warnings } = promptFromResponses(
    encoding,
    { input, tools: hosted },
    { builtinTools },
  );
  expect(warnings).toEqual([]);
  return encoding.decodeUtf8(tokens).split("hi<|end|>")[1];
}

describe("code_interpreter", () => {
  it("is an item with the code, which comes back with its outputs", () => {
    const [item] = itemsOf(PYTHON);
    expect(item).toEqual({
      id: "ci_0",
      type: "code_interpreter_call",
      code: "print(6 * 7)",
      container_id: "",
      outputs: null,
      status: "completed",
    });
    expect(promptText([{ ...item, outputs: [{ type: "logs", logs: "42\n" }] }])).toBe(
      "<|start|>assistant to=python<|channel|>analysis code<|message|>print(6 * 7)<|call|>" +
        "<|start|>python to=assistant<|channel|>analysis<|message|>42\n<|end|><|start|>assistant",
    );
  });

  it("has its own events", async () => {
    expect(await eventsOf(PYTHON)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "code_interpreter_call.in_progress",
      ...["print", "(", "6", " *", " ", "7", ")"].map(
        (delta) => `code_interpreter_call_code.delta ${delta}`,
      ),
      "code_interpreter_call_code.done",
      "code_interpreter_call.interpreting",
      "code_interpreter_call.completed",
      "output_item.done",
      "completed",
    ]);
  });

  it("without code or with an image is not lost silently", () => {
    const item = { type: "code_interpreter_call", id: "ci_1", container_id: "" };
    const question = { role: "user", content: "hi" };
    const empty = [question, { ...item, code: null, outputs: null }];
    expect(promptFromResponses(encoding, { input: empty }).warnings).toMatchObject([
      { code: "omitted_item", param: "input[1]" },
    ]);
    const image = [question, { ...item, code: "plot()", outputs: [{ type: "image", url: "x" }] }];
    expect(() => promptFromResponses(encoding, { input: image })).toThrow(
      expect.objectContaining({ code: "unsupported_content", path: "input[1].outputs[0].type" }),
    );
  });

  it("is a call named python in Chat Completions, and a function call where it is not offered", () => {
    const chat = promptFromChat(encoding, { messages: [{ role: "user", content: "hi" }] });
    const call = { name: "python", arguments: "print(6 * 7)" };
    expect(
      chatCompletion(encoding, chat, ids(PYTHON)).choices[0]?.message.tool_calls,
    ).toMatchObject([{ type: "function", function: call }]);
    const plain = promptFromResponses(encoding, { input: "hi" });
    expect(response(encoding, plain, ids(PYTHON)).output).toMatchObject([
      { type: "function_call", ...call },
    ]);
  });
});

describe("a call named python in Chat Completions", () => {
  it.each([
    ["print(6 * 7)", "code"],
    ["", "code"],
    ["[1]", "code"],
    ["7", "code"],
    ['{"code": "print(6 * 7)"}', "<|constrain|>json"],
  ])("its %j comes back as %s in Chat Completions and in rows of it", (code, type) => {
    const call = { id: "1", type: "function", function: { name: "python", arguments: code } };
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "1", content: "42" },
    ];
    const text = `<|start|>assistant to=python<|channel|>analysis ${type}<|message|>${code}<|call|>`;
    expect(encoding.decodeUtf8(promptFromChat(encoding, { messages }).tokens)).toContain(text);
    const row = conversationFromChatCompletions({ messages });
    expect(encoding.decodeUtf8(encoding.renderConversation(row))).toContain(text);
    const items = [{ type: "function_call", call_id: "1", name: "python", arguments: code }];
    expect(promptText(items)).toContain(text);
  });

  it("a function called python has JSON arguments", () => {
    const tools = [{ type: "function", function: { name: "python" } }];
    const call = { id: "1", type: "function", function: { name: "python", arguments: "print()" } };
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "1", content: "42" },
    ];
    const { tokens } = promptFromChat(encoding, { messages, tools });
    expect(encoding.decodeUtf8(tokens)).toContain(
      "to=functions.python<|channel|>commentary <|constrain|>json<|message|>print()<|call|>",
    );
  });
});

describe("web_search", () => {
  it("is an item with the action, and the call in harmony", () => {
    expect(itemsOf(SEARCH)).toEqual([
      {
        id: "ws_0",
        type: "web_search_call",
        action: { type: "search", query: "harmony", queries: ["harmony"] },
        harmony: {
          call_id: "call_1",
          name: "browser.search",
          arguments: '{"query": "harmony", "topn": 3}',
        },
        status: "completed",
      },
    ]);
    const action = (name: string, content: string) =>
      (
        itemsOf(`to=browser.${name}<|channel|>analysis code<|message|>${content}<|call|>`)[0] as
          | (OutputItem & { type: "web_search_call" })
          | undefined
      )?.action;
    expect(action("open", '{"id": "https://a.b", "cursor": 1}')).toEqual({
      type: "open_page",
      url: "https://a.b",
    });
    expect(action("open", '{"id": 3}')).toEqual({ type: "open_page", url: null });
    expect(action("find", '{"pattern": "x"}')).toEqual({
      type: "find_in_page",
      pattern: "x",
      url: "",
    });
    expect(action("search", "not JSON")).toEqual({ type: "search", query: "", queries: [""] });
  });

  it("comes back with its output by call_id", () => {
    const [item] = itemsOf(SEARCH);
    const output = { type: "function_call_output", call_id: "call_1", output: "hits" };
    expect(promptText([{ ...item }, output])).toBe(
      "<|start|>assistant to=browser.search<|channel|>analysis <|constrain|>json<|message|>" +
        '{"query": "harmony", "topn": 3}<|call|>' +
        "<|start|>browser.search to=assistant<|channel|>analysis<|message|>hits<|end|><|start|>assistant",
    );
  });

  it("has its own events", async () => {
    expect(await eventsOf(SEARCH)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "web_search_call.in_progress",
      "web_search_call.searching",
      "web_search_call.completed",
      "output_item.done",
      "completed",
    ]);
  });

  it("of another server is left out with a warning", () => {
    const item = {
      type: "web_search_call",
      id: "ws_1",
      status: "completed",
      action: { type: "search" },
    };
    const input = [{ role: "user", content: "hi" }, item];
    expect(promptFromResponses(encoding, { input }).warnings).toMatchObject([
      { code: "omitted_item", param: "input[1]" },
    ]);
  });
});

/** The literal types of `ResponseInputItem`. */
function itemTypes(): string[] {
  const file = fileURLToPath(
    new URL("../../../node_modules/openai/resources/responses/responses.d.ts", import.meta.url),
  );
  const program = ts.createProgram([file], { skipLibCheck: true, noEmit: true, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  const declared = (symbol ? checker.getExportsOfModule(symbol) : []).find(
    ({ name }) => name === "ResponseInputItem",
  );
  const union = declared && checker.getDeclaredTypeOfSymbol(declared);
  const members = union?.isUnion() ? union.types : [];
  return members.flatMap((member) => {
    const type = member.getProperty("type");
    const literal = type && checker.getTypeOfSymbol(type);
    const literals = literal?.isUnion() ? literal.types : literal ? [literal] : [];
    return literals.flatMap((each) => (each.isStringLiteral() ? each.value : []));
  });
}

const CARRIED = [
  "message",
  "reasoning",
  "function_call",
  "function_call_output",
  "custom_tool_call",
  "custom_tool_call_output",
  "code_interpreter_call",
  "mcp_call",
];
const LEFT_OUT = [
  "web_search_call",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
];

describe("items of every other type", () => {
  const others = [...new Set(itemTypes())].filter((type) => !CARRIED.includes(type));
  it("are known", () => expect(others.length).toBeGreaterThan(20));

  it.each(others)("%s is refused with its path, or left out with a warning", (type) => {
    const input = [
      { role: "user", content: "hi" },
      { type, id: "x_1" },
    ];
    const warnings = (unsupported: "throw" | "warn") =>
      promptFromResponses(encoding, { input }, { unsupported }).warnings;
    if (LEFT_OUT.includes(type)) {
      expect(warnings("throw")).toMatchObject([{ code: "omitted_item", param: "input[1]" }]);
    } else {
      const path = "input[1].type";
      expect(() => warnings("throw")).toThrow(expect.objectContaining({ status: 400, path }));
      expect(warnings("warn")).toMatchObject([{ code: "unsupported_value", param: path }]);
    }
  });
});
