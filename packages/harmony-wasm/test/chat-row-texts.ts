/** Chat rows, and the text that they render. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { type ChatOptions, conversationFromChatCompletions } from "harmony-wasm/openai";

export const encoding = loadHarmonyEncodingSync();
export const question = { role: "user", content: "q" };
export const answer = { role: "assistant", content: "a" };
export const [QUESTION, ANSWER] = [
  "<|start|>user<|message|>q<|end|>",
  "<|start|>assistant<|channel|>final<|message|>a<|end|>",
];

/** What a row renders between the question and the answer, or the path of its refusal. */
export function between(row: object | string, options: ChatOptions = {}): string {
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
/** What an assistant's message with these fields renders. */
export const said = (fields: object) =>
  between({ messages: [question, { role: "assistant", ...fields }, answer] });
/** What the tools of a row render. */
export const toolsOf = (tools: unknown, more: object = {}) => {
  const text = between({ messages: [question, answer], tools, ...more });
  return /type .*/s.exec(text)?.[0].split(" => any;")[0] ?? text;
};
export const CALL =
  "<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>";
export const RESULT = "<|start|>functions.f to=assistant<|channel|>commentary<|message|>";
