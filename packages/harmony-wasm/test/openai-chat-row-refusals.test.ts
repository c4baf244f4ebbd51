/** Content that harmony conversations cannot have is refused with its path in the row. */

import { HarmonyError } from "harmony-wasm";
import { conversationFromChatCompletions, RequestError } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";

const REFUSED: [text: string, code: string, path: string][] = [
  ["[]", "invalid_conversation", ""],
  ['{"messages": 1}', "invalid_conversation", "messages"],
  ['{"messages": [1]}', "invalid_conversation", "messages[0]"],
  ['{"messages": [{"role": "robot", "content": ""}]}', "unknown_role", "messages[0].role"],
  ['{"messages": [{"role": "user"}]}', "invalid_conversation", "messages[0].content"],
  [
    '{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
    "unsupported_content",
    "messages[0].content[0].type",
  ],
  ['{"messages": [{"role": "assistant", "content": null}]}', "invalid_conversation", "messages[0]"],
  ['{"messages": [{"role": "tool", "content": "x"}]}', "invalid_conversation", "messages[0]"],
  [
    '{"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "{}"}}]}]}',
    "invalid_conversation",
    "messages[0].tool_calls[0].function.name",
  ],
  [
    '{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}]}',
    "invalid_conversation",
    "messages[0].tool_calls[0].function.arguments",
  ],
  ['{"messages": [{"role": "user", "content": ""}], "tools": "["}', "invalid_json", "tools"],
  [
    '{"messages": [{"role": "user", "content": ""}], "tools": [{}]}',
    "invalid_conversation",
    "tools[0].name",
  ],
  [
    '{"messages": [{"role": "user", "content": ""}], "reasoning_effort": "much"}',
    "invalid_conversation",
    "reasoning_effort",
  ],
  ...['{"name": "f"}', '"f"', "5"].map((tools): [string, string, string] => [
    `{"messages": [{"role": "user", "content": ""}], "tools": ${JSON.stringify(tools)}}`,
    "invalid_conversation",
    "tools",
  ]),
  [
    String.raw`{"messages": [{"role": "user", "content": "\ud800 hi"}]}`,
    "invalid_conversation",
    "messages[0].content",
  ],
  [
    String.raw`{"messages": "[{\"role\": \"user\", \"content\": \"hi \\udc00\"}]"}`,
    "invalid_conversation",
    "messages[0].content",
  ],
  ["{", "invalid_json", ""],
  ['{"messages": []}', "empty_conversation", "messages"],
  ...[
    ['"train": "no"', "train"],
    ['"train": 0', "train"],
    ['"weight": 0.5', "weight"],
    ['"weight": "0"', "weight"],
    ['"weight": false', "weight"],
    ['"name": "bob"', "name"],
  ].map(([field, name]): [string, string, string] => [
    `{"messages": [{"role": "assistant", "content": "4", ${field}}]}`,
    "invalid_conversation",
    `messages[0].${name}`,
  ]),
  [
    '{"messages": [{"role": "user", "content": "", "name": 7}]}',
    "invalid_conversation",
    "messages[0].name",
  ],
  [
    '{"messages": [{"role": "assistant", "audio": {"id": "a"}, "content": "4"}]}',
    "unsupported_content",
    "messages[0].audio",
  ],
  ...["", ', "name": "f"'].map((name): [string, string, string] => [
    `{"messages": [{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "2", "content": "x"${name}}]}`,
    "invalid_conversation",
    "messages[1].tool_call_id",
  ]),
];

describe("refusals name the place", () => {
  it.each(REFUSED)("%s", (text, code, path) => {
    expect(() => conversationFromChatCompletions(text)).toThrow(
      expect.objectContaining({ code, path }),
    );
  });
});

describe("a refusal that an option lifts", () => {
  it.each([
    ["<think>t</think>x", "thinkTags"],
    ["x <|end|>", "allowMarkup"],
    ["<tool_call>{}", "allowMarkup"],
  ])("%s: %s", (content, option) => {
    const row = { messages: [{ role: "assistant", content }] };
    expect(() => conversationFromChatCompletions(row)).toThrow(
      expect.objectContaining({ option, reason: expect.stringContaining(`pass ${option} to`) }),
    );
    expect(() => conversationFromChatCompletions(row, { [option]: true })).not.toThrow();
  });
});

it("a refusal has the name of its class, and is a HarmonyError", () => {
  const error = new RequestError("invalid_json", "no JSON");
  expect(String(error)).toBe("RequestError: no JSON");
  expect(error).toBeInstanceOf(HarmonyError);
});
