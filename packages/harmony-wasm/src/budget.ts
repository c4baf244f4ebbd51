/**
 * Prompts within a number of tokens, and prompts that end inside a message.
 */

import { checkedOptions, checkedText, checkedToken, described } from "./check/arguments.js";
import type { HarmonyEncoding } from "./encoding.js";
import type { ConversationInput, Message, RenderConversationConfig, Role } from "./types.js";

/**
 * Renders a conversation whose last message is open, so that the model
 * continues it: the ids end where the message's text ends, without a stop
 * token. Pass these ids as `prefix` to a parser without a role to read the
 * completion.
 *
 * @returns The ids, an owned `Uint32Array`.
 * @throws As {@link HarmonyEncoding.renderConversation}; a `TypeError` without messages.
 *
 * @example
 * ```ts
 * import { assistantMessage, loadHarmonyEncodingSync, renderForContinuation } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const opened = assistantMessage("The answer is", { channel: "final" });
 * encoding.decode(renderForContinuation(encoding, [opened]));
 * // => "<|start|>assistant<|channel|>final<|message|>The answer is"
 * ```
 */
export function renderForContinuation(
  encoding: HarmonyEncoding,
  conversation: ConversationInput,
  config?: RenderConversationConfig | null,
): Uint32Array {
  const { auto_drop_analysis } = checkedOptions("config", config, ["auto_drop_analysis"]);
  const options = auto_drop_analysis === undefined ? {} : { config: { auto_drop_analysis } };
  const { tokens, spans } = encoding.renderWithSpans(conversation, options);
  const last = spans.at(-1);
  if (last) return tokens.slice(0, last.content_end);
  throw new TypeError('"conversation" expected a last message to continue, got no messages');
}

/**
 * The number of tokens of a text, or false if there are more than `limit`.
 *
 * @example
 * ```ts
 * import { isWithinTokenLimit, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * isWithinTokenLimit(encoding, "hello world", 2); // => 2
 * isWithinTokenLimit(encoding, "hello world", 1); // => false
 * ```
 */
export function isWithinTokenLimit(
  encoding: HarmonyEncoding,
  text: string,
  limit: number,
): number | false {
  const most = checkedToken("limit", limit);
  const count = encoding.countTokens(checkedText("text", text));
  return count <= most && count;
}

/** Options of {@link fitConversation}. */
export interface FitOptions {
  /** The role whose turn the prompt begins. Default `"assistant"`. */
  nextTurnRole?: Role;
  /** How analysis is left out, as in the renders. */
  config?: RenderConversationConfig;
}

/**
 * The messages of a conversation whose prompt has at most `limit` tokens. The
 * oldest turns are left out, each whole: a turn is a user's message and all
 * that follows it up to the next one, so that no tool result loses its call.
 * System and developer messages and the last turn stay. The cost is linear.
 *
 * @returns The messages that stay, in order, as they were given.
 * @throws {RangeError} If what has to stay is too long by itself.
 *
 * @example
 * ```ts
 * import { assistantMessage, fitConversation, loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const turns = [userMessage("one"), assistantMessage("1"), userMessage("two")];
 * fitConversation(encoding, turns, 10); // => [{ role: "user", content: "two" }]
 * ```
 */
export function fitConversation(
  encoding: HarmonyEncoding,
  messages: readonly Message[],
  limit: number,
  options?: FitOptions | null,
): Message[] {
  if (!Array.isArray(messages)) {
    throw new TypeError(`"messages" expected an array, got ${described(messages)}`);
  }
  const most = checkedToken("limit", limit);
  const { nextTurnRole = "assistant", config = {} } = checkedOptions("options", options, [
    "nextTurnRole",
    "config",
  ]);
  const render = { for: "completion", nextTurnRole, config } as const;
  const { tokens, spans } = encoding.renderWithSpans(messages, render);
  const lengths = new Map(spans.map(({ message, start, end }) => [message, end - start]));
  const turns = turnsOf(messages);
  const dropped = new Set<number>();
  let count = tokens.length;
  let turn = 0;
  while (count > most && turn < turns.length - 1) {
    for (const message of turns[turn] ?? []) {
      dropped.add(message);
      count -= lengths.get(message) ?? 0;
    }
    turn += 1;
  }
  if (count <= most) return messages.filter((_, index) => !dropped.has(index));
  throw new RangeError(
    `"limit" is ${most}, but the messages that have to stay need ${count} tokens`,
  );
}

/** The indices of each turn's messages; system and developer messages are in none. */
function turnsOf(messages: readonly Message[]): number[][] {
  const turns: number[][] = [];
  messages.forEach(({ role }, index) => {
    if (role === "system" || role === "developer") return;
    if (role === "user" || turns.length === 0) turns.push([]);
    turns.at(-1)?.push(index);
  });
  return turns;
}
