/** Requests, rows and schemas that `harmony-wasm/openai` refuses: each error has the expected value. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type Backend,
  conversationFromChatCompletions,
  createHarmonyHandler,
  missingMessages,
  type Prompt,
  promptFromChat,
  promptFromResponses,
  RequestError,
  refuseChatFields,
  simplifySchema,
} from "harmony-wasm/openai";
import { describe, expect, it, test } from "vitest";
import { thrownBy } from "./support.ts";

const encoding = loadHarmonyEncodingSync();
const user = { role: "user", content: "2 + 2?" };
const messages = [user];

describe("a request, a row and a schema", () => {
  const cyclic: { messages: object[] } = { messages: [] };
  cyclic.messages.push(cyclic);
  /** By the place in `{ messages, ...fields }`. */
  const cases: [what: string, request: unknown, message: string][] = [
    ["nothing", undefined, '"$" expected an object or JSON text, got undefined'],
    ["null", null, '"$" expected an object or JSON text, got null'],
    ["a number", 5, '"$" expected an object or JSON text, got 5'],
    [
      "NaN",
      { messages, temperature: Number.NaN },
      '"$.temperature" expected a finite number, got NaN',
    ],
    ["infinity", { messages, seed: 1 / 0 }, '"$.seed" expected a finite number, got Infinity'],
    [
      "a Map",
      { messages, tools: [{ parameters: new Map() }] },
      '"$.tools[0].parameters" expected JSON data, got an object (Map)',
    ],
    ["a cycle", cyclic, '"$.messages[0]" is cyclic'],
    ["a bigint", { messages, seed: 5n }, '"$.seed" expected JSON data, got 5n'],
    [
      "a function",
      { messages, tools: [() => {}] },
      '"$.tools[0]" expected JSON data, got a function',
    ],
    [
      "a date",
      { messages, metadata: new Date(0) },
      '"$.metadata" expected JSON data, got an object (Date)',
    ],
    [
      "half a character",
      { messages: [{ role: "user", content: "a\ud800" }] },
      '"$.messages[0].content" has a lone surrogate at position 1; toWellFormed() replaces it',
    ],
  ];
  it.each(cases)("that are %s, or have it, are refused", (_, request, message) => {
    const calls: [name: string, call: () => unknown][] = [
      ["request", () => promptFromChat(encoding, request as never)],
      ["request", () => promptFromResponses(encoding, request as never)],
      ["row", () => conversationFromChatCompletions(request as never)],
    ];
    for (const [name, call] of calls) {
      expect(thrownBy(call).message).toBe(message.replace("$", name));
    }
  });

  it("that have half a character in JSON text are refused with its path", () => {
    const text = String.raw`{"messages": [{"role": "user", "content": "a\ud800"}]}`;
    const failure = thrownBy(() => promptFromChat(encoding, text));
    expect(failure).toBeInstanceOf(RequestError);
    expect(failure).toMatchObject({
      code: "invalid_conversation",
      path: "messages[0].content",
      reason: "expected well-formed text, got a lone surrogate at position 1",
    });
    const whole = String.raw`{"messages": [{"role": "user", "content": "\ud83e\udd9c"}]}`;
    expect(encoding.decode(promptFromChat(encoding, whole).tokens)).toContain("🦜");
  });

  it("lose no value of a schema", () => {
    expect(() => simplifySchema({ type: "number", maximum: Number.NaN })).toThrow(
      '"schema.maximum" expected a finite number, got NaN',
    );
    expect(() => simplifySchema(undefined as never)).toThrow(
      '"schema" expected a JSON Schema as an object or as text, got undefined',
    );
  });
});

test("a row is read from an object as from its text", () => {
  const row = {
    messages: [
      user,
      {
        role: "assistant",
        tool_calls: [{ id: "1", function: { name: "f", arguments: { a: 1 } } }],
      },
      { role: "tool", tool_call_id: "1", content: "2" },
    ],
    tools: undefined,
  };
  const converted = conversationFromChatCompletions(row);
  expect(converted).toBe(conversationFromChatCompletions(JSON.stringify(row)));
  expect(encoding.decode(encoding.renderConversation(converted))).toContain("to=functions.f");
  expect(conversationFromChatCompletions(messages)).toContain("2 + 2?");
});

test("the error about a row in another shape has the library's advice, or the caller's own", () => {
  const chat = JSON.stringify({ messages: [{ role: "assistant", tool_calls: [{}] }] });
  const shared = { query: "q", answers: [] };
  for (const [call, advice] of [
    [
      () => refuseChatFields(chat),
      "read it with conversationFromChatCompletions, or write it as harmony does",
    ],
    [
      () => refuseChatFields(chat, "pass --shape chat"),
      "pass --shape chat, or write it as harmony does",
    ],
  ] as const) {
    expect(thrownBy(call).message).toContain(advice);
  }
  const shape = "the row looks like xLAM's query and answers; ";
  expect(missingMessages(shared)).toContain(`${shape}read it with conversationFromChatCompletions`);
  expect(missingMessages(shared, "--shape chat reads it")).toContain(
    `${shape}--shape chat reads it`,
  );
  expect(missingMessages({ text: "t" })).not.toContain("harmony encode");
});

test.each([
  [{ input_ids: [1, 2], labels: [-100, 2] }, "input_ids"],
  [{ tokens: [1, 2] }, "tokens"],
])("%j is said to be rendered already", (row, field) => {
  const columns = Object.keys(row).join(", ");
  expect(missingMessages(row)).toBe(
    `expected messages, got ${field}: the row looks like token ids, which are rendered already (the row has ${columns}); give the conversations that they were rendered from`,
  );
  expect(missingMessages({ tokens: ["of", "text"] })).toBe(
    "expected messages, got none: the row has tokens",
  );
});

const RESPONSES_CASES: [fields: object, path: string, message: string][] = [
  [{ input: 5 }, "input", "expected a string or an array of items, got a number"],
  [{ input: undefined }, "input", "expected a string or an array of items, got nothing"],
  [
    { text: { format: { type: "json_schema" } } },
    "text.format.schema",
    "expected a schema, got nothing",
  ],
  [{ stream: "yes" }, "stream", "expected true or false, got a string"],
];

const CHAT_CASES: [fields: object, code: string, path: string, message: string][] = [
  [
    { tool_choice: "always" },
    "unsupported_value",
    "tool_choice",
    'expected "auto", "none", "required" or an object, got "always"',
  ],
  [
    { tool_choice: 5 },
    "invalid_type",
    "tool_choice",
    'expected "auto", "none", "required" or an object, got a number',
  ],
  [{ stop: 5 }, "invalid_type", "stop", "expected a string or an array of strings, got a number"],
  [{ temperature: "x" }, "invalid_type", "temperature", "expected a number, got a string"],
  [{ stream: "yes" }, "invalid_type", "stream", "expected true or false, got a string"],
  [{ store: 1 }, "invalid_type", "store", "expected true or false, got a number"],
  [{ logprobs: "yes" }, "invalid_type", "logprobs", "expected true or false, got a string"],
  [
    { stream_options: { include_usage: 1 } },
    "invalid_type",
    "stream_options.include_usage",
    "expected true or false, got a number",
  ],
  [
    { response_format: {} },
    "unsupported_value",
    "response_format.type",
    "expected text, json_object or json_schema, got nothing",
  ],
  [
    { messages: [user, { role: "assistant", content: "a", reasoning_details: [{}] }] },
    "unsupported_content",
    "messages[1].reasoning_details[0].type",
    "expected a block of reasoning text, got no type",
  ],
  [
    { response_format: { type: "json_schema" } },
    "invalid_conversation",
    "response_format.json_schema.schema",
    "expected a schema, got nothing",
  ],
  [
    { response_format: { type: "json_schema", json_schema: {} } },
    "invalid_conversation",
    "response_format.json_schema.schema",
    "expected a schema, got nothing",
  ],
  [
    { messages: [user, { role: "tool", content: "2" }] },
    "invalid_conversation",
    "messages[1]",
    "expected the call that the result answers, in the tool_calls of an assistant's message before it, got none",
  ],
  [
    {
      messages: [
        user,
        {
          role: "assistant",
          tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "1", content: "2" },
        { role: "tool", content: "2" },
      ],
    },
    "invalid_conversation",
    "messages[3]",
    "expected tool_call_id or name, got neither, and every call before the result has one already",
  ],
];

describe("a field of a request", () => {
  it.each(CHAT_CASES)("%j is refused as what it is", (fields, code, path, reason) => {
    const failure = thrownBy(() => promptFromChat(encoding, { messages, ...fields }));
    expect(failure).toMatchObject({ code, path, reason });
  });

  it.each(RESPONSES_CASES)("%j of Responses is refused as what it is", (fields, path, reason) => {
    const failure = thrownBy(() => promptFromResponses(encoding, { input: "q", ...fields }));
    expect(failure).toMatchObject({ path, reason });
  });
});

test("a stream that is not asked for with true is refused by the handler", async () => {
  const backend: Backend = { async *generate() {} };
  const handler = createHarmonyHandler({ backend, encoding });
  for (const [path, input] of [
    ["chat/completions", { messages }],
    ["responses", { input: "q" }],
  ] as const) {
    const body = JSON.stringify({ ...input, stream: "yes" });
    const answer = await handler(
      new Request(`http://localhost/v1/${path}`, { method: "POST", body }),
    );
    expect([answer.status, (await answer.json()).error.param]).toEqual([400, "stream"]);
  }
});

test("options are the caller's: no request is blamed for them", () => {
  const call = (reasoningEffort: string): Prompt =>
    promptFromChat(encoding, { messages }, { reasoningEffort: reasoningEffort as never });
  expect(() => call("Hihg")).toThrow(TypeError);
  expect(encoding.decode(call("High").tokens)).toBe(encoding.decode(call("high").tokens));
});
