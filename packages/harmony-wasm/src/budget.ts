/**
 * Prompts that fit a number of tokens, and prompts that end inside a message.
 */

import { checkedOptions, checkedToken, described } from "./check/arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import type { RenderWithSpansOptions } from "./spans.js";
import type {
  Conversation,
  ConversationInput,
  Message,
  RenderConversationConfig,
  Role,
} from "./types.js";

/**
 * Renders a conversation with its last message open, for the model to continue:
 * the ids end after the message's text, without a stop token. To parse the
 * completion, pass these ids as `prefix` to a parser without a role.
 *
 * @returns The ids, an owned `Uint32Array`.
 * @throws As {@link HarmonyEncoding.renderConversation}; a `TypeError` if there are no messages.
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
  HarmonyEncoding.instanceOf(encoding);
  const { auto_drop_analysis } = checkedOptions("config", config, ["auto_drop_analysis"]);
  const options = auto_drop_analysis === undefined ? {} : { config: { auto_drop_analysis } };
  const { tokens, spans } = encoding.renderWithSpans(conversation, options);
  const last = spans.at(-1);
  if (last) return tokens.slice(0, last.content_end);
  throw new TypeError('"conversation" expected a last message to continue, got no messages');
}

/**
 * The number of tokens of a text or a conversation, as
 * {@link HarmonyEncoding.countTokens} counts them, or false if there are more
 * than `limit`.
 *
 * @throws As {@link HarmonyEncoding.countTokens}; a `RangeError` for a limit that is no count.
 *
 * @example
 * ```ts
 * import { isWithinTokenLimit, loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * isWithinTokenLimit(encoding, "hello world", 2); // => 2
 * isWithinTokenLimit(encoding, "hello world", 1); // => false
 * isWithinTokenLimit(encoding, [userMessage("hello world")], 10); // => 6
 * ```
 */
export function isWithinTokenLimit(
  encoding: HarmonyEncoding,
  given: string | Conversation | readonly Message[],
  limit: number,
  options?: RenderWithSpansOptions | null,
): number | false {
  HarmonyEncoding.instanceOf(encoding);
  const most = checkedToken("limit", limit);
  const count = encoding.countTokens(given, options);
  return count <= most && count;
}

/** Options of {@link fitConversation}. */
export interface FitOptions {
  /** The role whose turn the prompt begins. Default `"assistant"`. */
  nextTurnRole?: Role;
  /** Which analysis is left out, as in the renders. */
  config?: RenderConversationConfig;
}

/**
 * Drops the oldest turns of a conversation until its prompt has at most `limit`
 * tokens. A turn is a user's message and everything up to the next one, so no
 * tool result loses its call. System and developer messages and the last turn
 * stay. Takes linear time.
 *
 * @returns The messages that stay, in order, the same objects.
 * @throws As {@link HarmonyEncoding.renderWithSpans}.
 * @throws {RangeError} If the messages that cannot be dropped are too long.
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
  HarmonyEncoding.instanceOf(encoding);
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
    `"limit" is ${most}, but the messages that cannot be dropped need ${count} tokens`,
  );
}

/** The indices of each turn's messages; system and developer messages belong to no turn. */
function turnsOf(messages: readonly Message[]): number[][] {
  const turns: number[][] = [];
  messages.forEach(({ role }, index) => {
    if (role === "system" || role === "developer") return;
    if (role === "user" || turns.length === 0) turns.push([]);
    turns.at(-1)?.push(index);
  });
  return turns;
}
