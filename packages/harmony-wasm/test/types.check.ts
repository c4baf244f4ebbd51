/** Compiled, not run: what the types accept and refuse. */

import {
  assistantMessage,
  type Channel,
  type HarmonyEncoding,
  type HarmonyEvent,
  type Message,
} from "harmony-wasm";

/** A channel may have any name; editors propose the trained ones. */
export const channels: Channel[] = ["analysis", "commentary", "final", "my own"];
export const named: Message = assistantMessage("hi", { channel: "my own" });
// @ts-expect-error: a channel is a name
export const numbered: Message = assistantMessage("hi", { channel: 7 });

/** A parser's content is a string, without a check of its type. */
export function shown(encoding: HarmonyEncoding, ids: number[], event: HarmonyEvent): string[] {
  const strict = encoding.parseMessagesFromCompletionTokens(ids);
  const { messages } = encoding.recoverMessagesFromCompletionTokens(ids);
  const contents = [...strict, ...messages.map(({ message }) => message)];
  if (event.type === "message-end") contents.push(event.message);
  return contents.map(({ content }) => content.trim());
}

/** What a parser returns can be rendered again. */
export const again = (encoding: HarmonyEncoding): Uint32Array =>
  encoding.renderConversation(encoding.parseMessagesFromCompletionTokens([]));

export function counted(encoding: HarmonyEncoding, message: Message): number[] {
  // @ts-expect-error: a count is of a text or a conversation
  encoding.countTokens(7);
  return [encoding.countTokens("hi"), encoding.countTokens([message], { for: "training" })];
}

/** What a call returns has memory of its own, so the web's functions accept it. */
export function sent(encoding: HarmonyEncoding, messages: Message[]): object[] {
  const ids = encoding.renderConversationForCompletion(messages, "assistant");
  const owned: ArrayBuffer = encoding.encode("hi").buffer;
  return [new Response(ids), new Blob([encoding.decodeBytes(ids)]), owned];
}
