/** A turn of the model can be sent back, whatever was sampled. */

import { type Conversation, loadHarmonyEncodingSync } from "harmony-wasm";
import { chatCompletion, promptFromChat, promptFromResponses, response } from "harmony-wasm/openai";
import { expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const prompt = promptFromChat(encoding, { messages: [{ role: "user", content: "hi" }] });
const callTo = (recipient: string) =>
  encoding.encode(`<|channel|>commentary to=${recipient} <|constrain|>json<|message|>{}<|call|>`, {
    allowedSpecial: "all",
  });
const addressees = (conversation: Conversation) =>
  conversation.messages.flatMap(({ recipient }) => recipient ?? []);

const RECIPIENTS = [
  ["functions.f", "f"],
  ["functions.", "functions."],
  ["a.b", "a.b"],
] as const;

it.each(RECIPIENTS)("%s is a call named %s in Chat Completions", (recipient, name) => {
  const { message } = chatCompletion(encoding, prompt, callTo(recipient)).choices[0] ?? {};
  expect(message?.tool_calls).toMatchObject([{ function: { name } }]);
  const id = message?.tool_calls?.[0]?.id ?? "";
  const { conversation } = promptFromChat(encoding, {
    messages: [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: message?.tool_calls ?? [] },
      { role: "tool", tool_call_id: id, content: "1" },
    ],
  });
  expect(addressees(conversation)[0]).toBe(recipient);
});

it.each(RECIPIENTS)("%s is a call named %s in Responses", (recipient, name) => {
  const { output } = response(encoding, prompt, callTo(recipient));
  expect(output).toMatchObject([{ type: "function_call", name }]);
  const call = output[0] as { call_id: string };
  const { conversation } = promptFromResponses(encoding, {
    input: [
      { role: "user", content: "hi" },
      output[0] as object,
      { type: "function_call_output", call_id: call.call_id, output: "1" },
    ],
  });
  expect(addressees(conversation)[0]).toBe(recipient);
});

const CUT = [
  "",
  "<|return|>",
  "<|channel|>fin",
  "<|channel|>analysis<|message|>",
  "<|channel|>analysis<|message|> \n",
];

it.each(CUT)("a turn cut after %j is answered in a form that the next request may have", (text) => {
  const completion = encoding.encode(text, { allowedSpecial: "all" });
  const { message } = chatCompletion(encoding, prompt, completion).choices[0] ?? {};
  const { tokens } = promptFromChat(encoding, {
    messages: [
      { role: "user", content: "hi" },
      { content: null, role: "assistant", ...message },
      { role: "user", content: "go on" },
    ],
  });
  expect(encoding.decodeUtf8(tokens)).toContain(
    "<|start|>assistant<|channel|>final<|message|><|end|><|start|>user<|message|>go on",
  );
});

it("an empty system message renders nothing, in both APIs", () => {
  const messages = [
    { role: "system" as const, content: "" },
    { role: "user" as const, content: "hi" },
  ];
  const { conversation } = promptFromChat(encoding, { messages });
  expect(conversation.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  expect(promptFromResponses(encoding, { input: messages }).conversation).toEqual(conversation);
});
