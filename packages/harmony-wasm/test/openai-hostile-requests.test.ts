/**
 * Requests and rows of untrusted clients: every value of a request is replaced by values of other
 * kinds. Each is read or refused with a code of this package, and ends.
 */

import { HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import {
  chatCompletion,
  conversationFromChatCompletions,
  promptFromChat,
  promptFromResponses,
  response,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", {
  allowedSpecial: "all",
});

const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } };
const parameters = { type: "object", properties: { a: { type: ["string", "null"] } } };
const CHAT = {
  model: "m",
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: [{ type: "text", text: "q" }], name: "bob" },
    { role: "assistant", content: "p", reasoning: "t", tool_calls: [call] },
    { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "r" }] },
    { role: "assistant", reasoning_details: [{ type: "reasoning.text", text: "t" }], content: "a" },
    { role: "user", content: "q" },
  ],
  tools: [
    { type: "function", function: { name: "f", description: "d", parameters, strict: true } },
    {
      type: "custom",
      custom: {
        name: "c",
        format: { type: "grammar", grammar: { syntax: "lark", definition: "x" } },
      },
    },
  ],
  tool_choice: {
    type: "allowed_tools",
    allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] },
  },
  response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
  chat_template_kwargs: { reasoning_effort: "low" },
  reasoning_effort: "low",
  logit_bias: { "1": 2 },
  stop: ["x"],
  stream_options: { include_usage: true },
  metadata: { a: "b" },
  temperature: 1,
  parallel_tool_calls: true,
};
const RESPONSES = {
  model: "m",
  instructions: "i",
  input: [
    { role: "user", content: [{ type: "input_text", text: "q" }] },
    {
      type: "reasoning",
      id: "rs_1",
      summary: [],
      content: [{ type: "reasoning_text", text: "t" }],
      encrypted_content: "x",
    },
    {
      type: "function_call",
      id: "fc_1",
      call_id: "c1",
      name: "f",
      arguments: "{}",
      namespace: null,
    },
    { type: "function_call_output", call_id: "c1", output: [{ type: "input_text", text: "r" }] },
    { type: "code_interpreter_call", code: "1", outputs: [{ type: "logs", logs: "1" }] },
    { type: "web_search_call", harmony: { call_id: "w", name: "browser.search", arguments: "{}" } },
    { type: "mcp_call", server_label: "m", name: "g", arguments: "{}", output: "r", error: null },
    {
      type: "message",
      role: "assistant",
      phase: "final_answer",
      content: [{ type: "output_text", text: "a" }],
    },
    { role: "user", content: "q" },
  ],
  tools: [
    { type: "function", name: "f", parameters, strict: true },
    {
      type: "namespace",
      name: "n",
      description: "d",
      tools: [{ type: "function", name: "g", parameters }],
    },
    { type: "code_interpreter", container: { type: "auto" } },
  ],
  tool_choice: { type: "function", name: "f" },
  text: {
    format: { type: "json_schema", name: "n", schema: { type: "object" } },
    verbosity: "low",
  },
  reasoning: { effort: "low", summary: "auto" },
  include: ["reasoning.encrypted_content"],
  metadata: { a: "b" },
  max_output_tokens: 5,
};
const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1.5,
  "",
  "x",
  "<|end|>",
  "[",
  "{}",
  "[]",
  '{"name":"f"}',
  '["x"]',
  '"x"',
  "null",
  [],
  {},
  [null],
  [[]],
  [{}],
  ["x"],
  { type: "x" },
  { toString: 1 },
  "__proto__",
  { constructor: [] },
  "functions.f",
];

/** Every path of a value. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))];
}

/** A copy with another value at a path. */
function withValue(request: object, path: readonly string[], value: unknown): object {
  const copy = structuredClone(request);
  const last = path.at(-1) ?? "";
  const parent = path
    .slice(0, -1)
    .reduce((at, step) => at[step] ?? {}, copy as Record<string, never>);
  Object.defineProperty(parent, last, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

/** Reads a request; anything but a refusal of this package fails the test. */
function isRefused(read: () => void, name: string): boolean {
  try {
    read();
    return false;
  } catch (error) {
    expect(error, name).toBeInstanceOf(HarmonyError);
    expect(error, name).toHaveProperty("code");
    return true;
  }
}

it.each([
  ["Chat Completions", CHAT, promptFromChat],
  ["Responses", RESPONSES, promptFromResponses],
] as const)("%s: a value of many levels is refused wherever it is", (_name, request, prompt) => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  for (const path of pathsOf({ ...request, unknown: 1 })) {
    if (path.length === 0) continue;
    const text = JSON.stringify(withValue({ ...request, unknown: 1 }, path, "DEEP"));
    const read = () => prompt(encoding, text.replace('"DEEP"', deep));
    expect(read, path.join(".")).toThrow(expect.objectContaining({ code: "too_deep" }));
  }
});

describe.each([
  ["Chat Completions", CHAT, "chat"],
  ["Responses", RESPONSES, "responses"],
  ["rows", CHAT, "rows"],
] as const)("%s", (_name, request, api) => {
  const paths = pathsOf(request).filter((path) => path.length > 0);
  const read = (given: object, unsupported: "throw" | "warn") => {
    const options = { unsupported, builtinTools: ["browser", "python"] } as const;
    const text = JSON.stringify(given);
    if (api === "rows") {
      conversationFromChatCompletions(text, { thinkTags: true, simplifySchemas: true });
    } else if (api === "chat") {
      chatCompletion(encoding, promptFromChat(encoding, text, options), sampled);
    } else response(encoding, promptFromResponses(encoding, text, options), sampled);
  };

  it("is read as it is", () => read(request, "throw"));

  it.each(["throw", "warn"] as const)("is read or refused, with %s", (unsupported) => {
    const values = HOSTILE.filter((_, at) => unsupported === "throw" || at % 4 === 0);
    let refused = 0;
    for (const path of paths) {
      for (const value of values) {
        const name = `${path.join(".")} = ${JSON.stringify(value)}`;
        if (isRefused(() => read(withValue(request, path, value), unsupported), name)) refused += 1;
      }
    }
    const tried = paths.length * values.length;
    expect(refused).toBeGreaterThan(tried / 10);
    expect(refused).toBeLessThan(tried);
  });
});

describe("values nested a thousands of times", () => {
  const deep = `${'{"a":'.repeat(10_000)}{}${"}".repeat(10_000)}`;
  const messages = '[{"role": "user", "content": "q"}]';
  const called = (given: string) =>
    `[{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": ${given}}}]}, {"role": "user", "content": "q"}]`;
  it.each([
    ["a schema", `{"messages": ${messages}, "tools": [{"name": "f", "parameters": ${deep}}]}`],
    ["arguments", `{"messages": ${called(deep)}}`],
    [
      "a response format",
      `{"messages": ${messages}, "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": ${deep}}}}`,
    ],
    ["a tool", `{"messages": ${messages}, "tools": [${deep}]}`],
    ["a field that is ignored", `{"messages": ${messages}, "metadata": ${deep}}`],
  ])("%s", (_name, text) => {
    for (const simplifySchemas of [true, false]) {
      isRefused(() => promptFromChat(encoding, text, { simplifySchemas }), "Chat Completions");
      isRefused(() => conversationFromChatCompletions(text, { simplifySchemas }), "a row");
    }
  });
});
