/**
 * Every field of a request has a treatment, at any depth: the lists, the tables of docs/openai.md
 * and the types of the `openai` package agree, and what is in no list is reported.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { promptFromChat, promptFromResponses } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { CHAT_FIELDS, type FieldLists, RESPONSES_FIELDS } from "../src/openai/prompt/fields.ts";

const page = readFileSync(new URL("../../../docs/openai.md", import.meta.url), "utf8");
const encoding = loadHarmonyEncodingSync();
const messages = [{ role: "user", content: "hi" }];

/** The lists that a section's table has: rows of a place, a treatment, and the fields treated so. */
function tableOf(title: string): FieldLists {
  const section = page.split(`### ${title}\n`)[1]?.split("\n#")[0] ?? "";
  const lists: Record<string, Record<string, string>> = {};
  for (const [, place = "", treatment = "", fields = ""] of section.matchAll(
    /^\| (?:`([^`]+)`|the request) *\| (\w+) *\| (.*?) *\|$/gm,
  )) {
    lists[place] ??= {};
    const list = lists[place];
    for (const [, field = ""] of fields.matchAll(/`([^`]+)`/g)) list[field] = treatment;
  }
  return lists as FieldLists;
}

describe("the tables of docs/openai.md", () => {
  it("have the fields of Chat Completions", () => {
    expect(tableOf("Chat Completions")).toEqual(CHAT_FIELDS);
  });
  it("have the fields of Responses", () => {
    expect(tableOf("Responses")).toEqual(RESPONSES_FIELDS);
  });
});

describe("the top level", () => {
  const treated = (treatment: string) =>
    Object.entries(CHAT_FIELDS[""] ?? {}).filter(([, each]) => each === treatment);

  it.each(treated("refused"))("%s is refused with its path", (name) => {
    const request = { messages, [name]: {} };
    expect(() => promptFromChat(encoding, request)).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", path: name, status: 400 }),
    );
    const { warnings } = promptFromChat(encoding, request, { unsupported: "warn" });
    expect(warnings).toMatchObject([{ code: "unsupported_parameter", param: name }]);
  });
  it.each([...treated("warned"), ["top_k", ""], ["toString", ""]])("%s is warned of", (name) => {
    const { warnings } = promptFromChat(encoding, { messages, [name]: {} });
    expect(warnings).toMatchObject([{ code: "ignored_parameter", param: name }]);
  });
  it("previous_response_id is refused without a store", () => {
    expect(() =>
      promptFromResponses(encoding, { input: "hi", previous_response_id: "resp_1" }),
    ).toThrow(expect.objectContaining({ path: "previous_response_id" }));
  });
});

it("a request without messages is refused by the field that has none", () => {
  const refused = (path: string) =>
    expect.objectContaining({ code: "empty_conversation", path, status: 400 });
  expect(() => promptFromChat(encoding, { messages: [] })).toThrow(refused("messages"));
  expect(() => promptFromResponses(encoding, { input: [] })).toThrow(refused("input"));
});

const f = { name: "f", description: "", parameters: { type: "object" } };
const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
const CHAT = {
  messages: [
    { role: "system", content: [{ type: "text", text: "a" }] },
    { role: "developer", content: "a" },
    { role: "user", content: "a" },
    { role: "assistant", content: "a", tool_calls: [call] },
    { role: "tool", tool_call_id: "call_1", content: "a" },
    { role: "assistant", function_call: { name: "f", arguments: "{}" } },
    { role: "function", name: "f", content: "a" },
    { role: "assistant", reasoning_details: [{ type: "reasoning.text", text: "a" }], content: "b" },
    { role: "assistant", thinking_blocks: [{ type: "thinking", thinking: "a" }], content: "b" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "a" },
        { type: "refusal", refusal: "a" },
      ],
    },
    {
      role: "user",
      content: [
        { type: "input_text", text: "a" },
        { type: "output_text", text: "a" },
      ],
    },
  ],
  tools: [
    { type: "function", function: f },
    {
      type: "custom",
      custom: {
        name: "c",
        format: { type: "grammar", grammar: { syntax: "lark", definition: "a" } },
      },
    },
  ],
  tool_choice: {
    type: "allowed_tools",
    allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
  },
  response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } },
  stream_options: { include_usage: true },
  chat_template_kwargs: { reasoning_effort: "low" },
};
const RESPONSES = {
  input: [
    { role: "user", content: [{ type: "input_text", text: "a" }] },
    {
      type: "reasoning",
      id: "rs_1",
      summary: [],
      content: [{ type: "reasoning_text", text: "a" }],
    },
    {
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "a" }],
      phase: "commentary",
    },
    { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
    { type: "custom_tool_call", call_id: "2", name: "c", input: "a" },
    { type: "function_call_output", call_id: "1", output: [{ type: "input_text", text: "a" }] },
    { type: "custom_tool_call_output", call_id: "2", output: "a" },
    { type: "code_interpreter_call", code: "1", outputs: [{ type: "logs", logs: "a" }] },
    {
      type: "web_search_call",
      harmony: { call_id: "3", name: "browser.search", arguments: "{}" },
    },
    { type: "mcp_call", server_label: "m", name: "g", arguments: "{}", output: "a" },
    { role: "user", content: "hi" },
  ],
  tools: [
    { type: "function", ...f },
    { type: "custom", name: "c", format: { type: "grammar", syntax: "regex", definition: "a" } },
    {
      type: "namespace",
      name: "n",
      description: "",
      tools: [
        { type: "function", ...f },
        { type: "custom", name: "c" },
      ],
    },
    { type: "code_interpreter", container: { type: "auto" } },
    { type: "web_search" },
  ],
  tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
  reasoning: { effort: "low" },
  text: { format: { type: "json_schema", name: "a", schema: {} } },
  stream_options: { include_obfuscation: false },
};

/** Paths of all objects in a value whose fields are looked at: schemas and containers have any fields. */
function pathsOf(value: unknown, path = ""): string[] {
  if (/parameters$|schema\.schema$|format\.schema$|container$/.test(path)) return [];
  if (Array.isArray(value)) return value.flatMap((each, at) => pathsOf(each, `${path}[${at}]`));
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, each]) =>
    pathsOf(each, path === "" ? name : `${path}.${name}`),
  );
  return [path, ...inside];
}

/** A copy with an unknown field in the object at a path. */
function withField(request: object, path: string): object {
  const copy = structuredClone(request);
  const steps = path === "" ? [] : path.split(/[.[\]]+/).filter((step) => step !== "");
  const object = steps.reduce<Record<string, never>>((at, step) => at[step] ?? {}, copy as never);
  Object.assign(object, { zzz: "lost" });
  return copy;
}

describe("an unknown field is warned of, once, at any depth", () => {
  const builtinTools = ["browser", "python"] as const;
  it("and the requests without one have no warnings", () => {
    expect(promptFromChat(encoding, CHAT).warnings).toEqual([]);
    expect(promptFromResponses(encoding, RESPONSES, { builtinTools }).warnings).toEqual([]);
  });
  it.each(pathsOf(CHAT))("Chat Completions: %s", (path) => {
    const { warnings } = promptFromChat(encoding, withField(CHAT, path) as typeof CHAT);
    const param = path === "" ? "zzz" : `${path}.zzz`;
    expect(warnings).toMatchObject([{ code: "ignored_parameter", param }]);
  });
  it.each(pathsOf(RESPONSES))("Responses: %s", (path) => {
    const request = withField(RESPONSES, path) as typeof RESPONSES;
    const { warnings } = promptFromResponses(encoding, request, { builtinTools });
    const param = path === "" ? "zzz" : `${path}.zzz`;
    expect(warnings).toMatchObject([{ code: "ignored_parameter", param }]);
  });
  it("however many messages have it", () => {
    const many = Array.from({ length: 9 }, () => ({ role: "user", content: "hi", mood: "good" }));
    expect(promptFromChat(encoding, { messages: many }).warnings).toHaveLength(1);
  });
  it("and fields of another role or type are unknown", () => {
    const lost = [
      { role: "user", content: "hi", tool_calls: [call] },
      { role: "user", content: "hi" },
    ];
    expect(promptFromChat(encoding, { messages: lost }).warnings).toMatchObject([
      { param: "messages[0].tool_calls" },
    ]);
    const input = [{ role: "user", content: "hi", encrypted_content: "x" }];
    expect(promptFromResponses(encoding, { input }).warnings).toMatchObject([
      { param: "input[0].encrypted_content" },
    ]);
  });
  it("and values that have no effect are, too", () => {
    const include = ["reasoning.encrypted_content", "web_search_call.action.sources"];
    const { warnings } = promptFromResponses(encoding, { input: "hi", include });
    expect(warnings).toMatchObject([{ code: "ignored_parameter", param: "include[1]" }]);
    const named = [{ role: "system", name: "x", content: "a" }, ...messages];
    expect(promptFromChat(encoding, { messages: named }).warnings).toMatchObject([
      { code: "ignored_parameter", param: "messages[0].name" },
    ]);
  });
});

/** Which list has the fields of which of the `openai` package's types. */
const TYPES: Record<string, Record<string, string>> = {
  "chat/completions/completions": {
    ChatCompletionCreateParamsBase: "",
    ChatCompletionSystemMessageParam: "messages[]@system",
    ChatCompletionDeveloperMessageParam: "messages[]@developer",
    ChatCompletionUserMessageParam: "messages[]@user",
    ChatCompletionAssistantMessageParam: "messages[]@assistant",
    ChatCompletionMessage: "messages[]@assistant",
    ChatCompletionToolMessageParam: "messages[]@tool",
    ChatCompletionFunctionMessageParam: "messages[]@function",
    ChatCompletionContentPartText: "messages[].content[]@text",
    ChatCompletionContentPartRefusal: "messages[].content[]@refusal",
    ChatCompletionMessageFunctionToolCall: "messages[].tool_calls[]",
    ChatCompletionMessageCustomToolCall: "messages[].tool_calls[]",
    ChatCompletionFunctionTool: "tools[]",
    ChatCompletionCustomTool: "tools[]",
    ChatCompletionStreamOptions: "stream_options",
    ChatCompletionAllowedTools: "tool_choice.allowed_tools",
  },
  "responses/responses": {
    ResponseCreateParamsBase: "",
    EasyInputMessage: "input[]@message",
    ResponseOutputMessage: "input[]@message",
    ResponseReasoningItem: "input[]@reasoning",
    ResponseFunctionToolCall: "input[]@function_call",
    ResponseCustomToolCall: "input[]@custom_tool_call",
    ResponseCustomToolCallOutput: "input[]@custom_tool_call_output",
    ResponseCodeInterpreterToolCall: "input[]@code_interpreter_call",
    ResponseInputText: "input[].content[]@input_text",
    ResponseOutputText: "input[].content[]@output_text",
    FunctionTool: "tools[]@function",
    CustomTool: "tools[]@custom",
    NamespaceTool: "tools[]@namespace",
    ToolChoiceAllowed: "tool_choice",
    ResponseTextConfig: "text",
    ResponseFormatTextJSONSchemaConfig: "text.format",
  },
};

describe("every field of the openai package's types is in a list", () => {
  const files = Object.keys(TYPES).map((name) =>
    fileURLToPath(new URL(`../../../node_modules/openai/resources/${name}.d.ts`, import.meta.url)),
  );
  const program = ts.createProgram(files, { skipLibCheck: true, noEmit: true, types: [] });
  const checker = program.getTypeChecker();
  const cases = Object.values(TYPES).flatMap((types, at) => {
    const source = program.getSourceFile(files[at] ?? "");
    const symbol = source && checker.getSymbolAtLocation(source);
    const exported = symbol ? checker.getExportsOfModule(symbol) : [];
    return Object.entries(types).map(([name, place]) => ({
      name,
      place,
      declared: exported.find((each) => each.name === name),
      lists: at === 0 ? CHAT_FIELDS : RESPONSES_FIELDS,
    }));
  });
  it.each(cases)("$name", ({ declared, place, lists }) => {
    const type = declared && checker.getDeclaredTypeOfSymbol(declared);
    const fields = type?.getProperties().map(({ name }) => name) ?? [];
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !Object.hasOwn(lists[place] ?? {}, field))).toEqual([]);
  });
});
