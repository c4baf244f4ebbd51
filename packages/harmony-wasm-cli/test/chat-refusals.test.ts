/** What has no place in a harmony conversation is refused, and its place in the row is named. */

import { describe, expect, it } from "vitest";
import { conversationFromChatCompletions } from "../src/chat-completions/conversation.ts";

describe("refusals name the place", () => {
  it.each([
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
    [
      '{"messages": [{"role": "assistant", "content": null}]}',
      "invalid_conversation",
      "messages[0]",
    ],
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
    ['{"messages": [], "tools": "["}', "invalid_json", "tools"],
    ['{"messages": [], "tools": [{}]}', "invalid_conversation", "tools[0].name"],
    ['{"messages": [], "reasoning_effort": "much"}', "invalid_conversation", "reasoning_effort"],
    ["{", "invalid_json", ""],
  ])("%s", (text, code, path) => {
    expect(() => conversationFromChatCompletions(text)).toThrow(
      expect.objectContaining({ code, path }),
    );
  });
});
