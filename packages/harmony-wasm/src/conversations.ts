/**
 * Functions for agents: parsing text from servers that return no token ids, and
 * continuing a conversation by its ids.
 */

import {
  checkedFlag,
  checkedOptionalRole,
  checkedOptions,
  checkedRole,
  checkedText,
  checkedTokens,
  checkedTools,
} from "./check/arguments.js";
import { conversationJson } from "./check/json-text.js";
import { HarmonyEncoding } from "./encoding.js";
import type { TextMessage } from "./events.js";
import type { ConversationInput, RecoverOptions, Role, TokenIds, TokenInput } from "./types.js";

/**
 * Parses a completion that a server returned as text. Special tokens that are
 * spelled out are read as tokens. If the server removed them
 * (`analysisWe need…assistantfinalFour`), the remaining words are a guess, and
 * `certain` is false. Never throws on well-formed text.
 *
 * @param role The role whose header the prompt began; none if the text begins with `<|start|>`.
 * @returns The messages, in order.
 * @throws {HarmonyError} `unknown_role`.
 * @throws {TypeError} for a lone surrogate.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, parseHarmonyText } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const { messages } = parseHarmonyText(encoding, "analysis2 + 2 = 4.assistantfinalFour.");
 * messages.map(({ message }) => [message.channel, message.content]);
 * // => [["analysis", "2 + 2 = 4."], ["final", "Four."]]
 * messages.map(({ certain }) => certain); // => [false, false]
 * ```
 */
export function parseHarmonyText(
  encoding: HarmonyEncoding,
  text: string,
  role?: Role | null,
  options?: RecoverOptions | null,
): { messages: TextMessage[] } {
  const instance = HarmonyEncoding.instanceOf(encoding);
  const checked = checkedText("text", text);
  const author = checkedOptionalRole("role", role);
  const given = checkedOptions("options", options, ["tools"]).tools;
  const tools = checkedTools("options.tools", given);
  const messages = instance.callWithText(checked, (boundary, length) =>
    boundary.parse_text(length, author, tools),
  );
  return { messages: JSON.parse(messages) };
}

/** Options of {@link continueConversation}. */
export interface ContinueOptions {
  /**
   * Keeps a `<|return|>` that ends the completion. Default false: it becomes
   * `<|end|>`, or `<|call|>` after a call, as upstream's guide writes history.
   */
  keepReturn?: boolean;
}

/**
 * The prompt of the next turn, which keeps the sampled ids: `promptTokens` and
 * `completionTokens` unchanged, then `messages`, then the start of the next
 * message. The completion is not rendered again, because that would not always
 * give the same ids. Only its end changes: a `<|return|>` becomes `<|end|>` or
 * `<|call|>`, and a message without a stop token gets one. A header without
 * content at the end is cut, with the part of it that ends the prompt: after a
 * completion that stopped in its first header, nothing of that message is left.
 *
 * @returns The ids, an owned `Uint32Array`.
 * @throws {HarmonyError} As {@link HarmonyEncoding.renderConversation}.
 *
 * @example
 * ```ts
 * import { continueConversation, loadHarmonyEncodingSync, toolMessage, userMessage } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = encoding.renderConversationForCompletion([userMessage("Time?")], "assistant");
 * const call = "<|channel|>commentary to=functions.clock <|constrain|>json<|message|>{}<|call|>";
 * const completion = encoding.encode(call, { allowedSpecial: "all" });
 * const answer = toolMessage("functions.clock", "12:00", { recipient: "assistant" });
 * const next = continueConversation(encoding, prompt, completion, [answer], "assistant");
 * encoding.decode(next.slice(prompt.length + completion.length));
 * // => "<|start|>functions.clock to=assistant<|message|>12:00<|end|><|start|>assistant"
 * ```
 */
export function continueConversation(
  encoding: HarmonyEncoding,
  promptTokens: TokenInput,
  completionTokens: TokenInput,
  messages: ConversationInput,
  nextTurnRole: Role,
  options?: ContinueOptions | null,
): TokenIds {
  const instance = HarmonyEncoding.instanceOf(encoding);
  const prompt = checkedTokens("promptTokens", promptTokens);
  const completion = checkedTokens("completionTokens", completionTokens);
  const role = checkedRole("nextTurnRole", nextTurnRole);
  const { keepReturn } = checkedOptions("options", options, ["keepReturn"]);
  const keeps = checkedFlag("options.keepReturn", keepReturn, false);
  return instance.callWithText(conversationJson(messages), (boundary, length) =>
    boundary.continue_conversation(prompt, completion, length, role, keeps),
  );
}
