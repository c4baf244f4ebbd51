/** Media in the result of a tool have no tokens: they are refused with their place, not written as text. */

import {
  conversationFromChatCompletions,
  promptFromChat,
  promptFromResponses,
  RequestError,
} from "harmony-wasm/openai";
import { describe, expect, it, test } from "vitest";
import { encoding, SDKS, scripted, toolsOf } from "./ai-sdk-support.ts";
import { failureOf } from "./support.ts";

const data = "iVBORw0KGgo=";
/** MCP's kinds of content, and the AI SDK's as a client may pass them on. */
const MEDIA = [
  { type: "image", data, mimeType: "image/png" },
  { type: "audio", data, mimeType: "audio/wav" },
  { type: "resource", resource: { uri: "file:///a.png", mimeType: "image/png", blob: data } },
  { type: "image-data", data, mediaType: "image/png" },
  { type: "image-url", url: "https://example.com/a.png" },
  { type: "file-data", data, mediaType: "application/pdf" },
  { type: "file-url", url: "https://example.com/a.pdf" },
  { type: "media", data, mediaType: "image/png" },
];
const call = { id: "1", type: "function", function: { name: "f", arguments: "{}" } };
const chatOf = (content: unknown) => [
  { role: "user", content: "hi" },
  { role: "assistant", content: null, tool_calls: [call] },
  { role: "tool", tool_call_id: "1", content },
];
const itemsOf = (output: unknown) => [
  { role: "user", content: "hi" },
  { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
  { type: "function_call_output", call_id: "1", output },
];
const READERS: [name: string, path: string, read: (result: unknown) => unknown][] = [
  [
    "promptFromChat",
    "messages[2].content[1].type",
    (result) => promptFromChat(encoding, { messages: chatOf(result) }),
  ],
  [
    "promptFromResponses",
    "input[2].output[1].type",
    (result) => promptFromResponses(encoding, { input: itemsOf(result) }),
  ],
  [
    "conversationFromChatCompletions",
    "messages[2].content[1].type",
    (result) => conversationFromChatCompletions({ messages: chatOf(result) }),
  ],
];

describe.each(READERS)("%s", (_name, path, read) => {
  it.each(MEDIA)("refuses $type", (part) => {
    expect(() => read([{ type: "text", text: "a" }, part])).toThrow(
      expect.objectContaining({ code: "unsupported_content", path }),
    );
  });

  it.each([
    [[{ type: "image", name: "a.png" }]],
    [[{ type: "file", data: { rows: 3 } }]],
    [[{ type: "resource", resource: { uri: "file:///a", text: "a" } }]],
    [{ type: "image", data, mimeType: "image/png" }],
  ])("keeps a tool's own JSON: %j", (value) => {
    expect(() => read(value)).not.toThrow();
  });
});

const PARTS = [
  ...MEDIA.filter(({ type }) => /-|media/.test(type)),
  { type: "file-id", fileId: "f" },
  { type: "image-file-id", fileId: "f" },
  { type: "file", data: { type: "data", data }, mediaType: "image/png" },
  { type: "custom", providerOptions: { other: { a: 1 } } },
];
const results = (output: object) => [
  { role: "user", content: [{ type: "text", text: "hi" }] },
  {
    role: "assistant",
    content: [{ type: "tool-call", toolCallId: "1", toolName: "f", input: {} }],
  },
  { role: "tool", content: [{ type: "tool-result", toolCallId: "1", toolName: "f", output }] },
];

describe("a model of the AI SDK", () => {
  const answer = (output: object) => {
    const { model, requests } = scripted("<|channel|>final<|message|>Done.<|return|>");
    // @ts-expect-error The messages of both SDKs, some of whose parts the other does not have.
    return model.doGenerate({ prompt: results(output) }).then(() => requests);
  };

  it.each(PARTS)("refuses $type in a result", async (part) => {
    const value = [{ type: "text", text: "a" }, part];
    const failure = await failureOf(() => answer({ type: "content", value }));
    expect(failure).toBeInstanceOf(RequestError);
    expect(failure).toMatchObject({ path: "prompt[2].content[0].output.value[1].type" });
  });

  it("takes texts, and JSON whatever it says", async () => {
    const text = async (output: object) =>
      encoding.decode((await answer(output))[0]?.promptTokens ?? []);
    const texts = ["a", "b"].map((each) => ({ type: "text", text: each }));
    expect(await text({ type: "content", value: texts })).toContain("<|message|>ab<|end|>");
    const value = [{ type: "image-data", data, mediaType: "image/png" }];
    expect(await text({ type: "json", value })).toContain(JSON.stringify(value));
  });
});

test.each(SDKS)("%s: a tool that answers a picture fails the call", async (_name, sdk) => {
  const { model } = scripted(
    '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city":"Oslo"}<|call|>',
  );
  const weather = sdk.tool({
    inputSchema: sdk.jsonSchema({ type: "object" }),
    execute: async () => data,
    toModelOutput: () => ({
      type: "content",
      value: [{ type: "image-data", data, mediaType: "image/png" }],
    }),
  });
  const tools = { ...toolsOf(sdk), weather };
  const stopWhen = sdk.stepCountIs(2);
  const failure = await failureOf(() =>
    sdk.generateText({ model, prompt: "hi", tools, stopWhen, maxRetries: 0 }),
  );
  expect(failure).toMatchObject({ path: expect.stringContaining("output.value[0].type") });
});
