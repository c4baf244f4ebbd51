/**
 * Prompts that fit a number of tokens, and prompts that end inside a message.
 */

import { checkedOptions, checkedToken, described } from "./check/arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import type { MessageSpan, RenderedConversation, RenderWithSpansOptions } from "./spans.js";
import type {
  Conversation,
  ConversationInput,
  Message,
  RenderConversationConfig,
  Role,
  TokenIds,
} from "./types.js";

/**
 * Renders a conversation with its last message open, for the model to continue:
 * the ids end after the message's text, without a stop token. To parse the
 * completion, pass these ids as `prefix` to a parser without a role. Analysis is
 * left out as in the prompt of the open turn: what follows the last user message
 * stays.
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
): TokenIds {
  HarmonyEncoding.instanceOf(encoding);
  const { auto_drop_analysis } = checkedOptions("config", config, ["auto_drop_analysis"]);
  const all = encoding.renderWithSpans(conversation, KEEP);
  const last = all.spans.at(-1);
  if (last === undefined) {
    throw new TypeError('"conversation" expected a last message to continue, got no messages');
  }
  const options = auto_drop_analysis === undefined ? {} : { config: { auto_drop_analysis } };
  const { tokens, spans } = withoutHistory(encoding, conversation, all, options);
  return tokens.slice(0, spans.at(-1)?.content_end);
}

const KEEP = { config: { auto_drop_analysis: false } };

/**
 * Leaves out what upstream leaves out of the messages up to the last user message,
 * which were the prompt of the open turn. An open final message would make
 * upstream drop the thought that leads to it.
 */
function withoutHistory(
  encoding: HarmonyEncoding,
  conversation: ConversationInput,
  all: RenderedConversation,
  options: RenderWithSpansOptions,
): RenderedConversation {
  const indices = all.spans.map(({ message }) => message);
  const turn = all.spans.findLastIndex(({ role }) => role === "user") + 1;
  const messages = indices.slice(0, turn);
  const prompt = encoding.renderWithSpans(conversation, { ...options, messages });
  if (prompt.spans.length === turn) return all;
  const kept = [...prompt.spans.map(({ message }) => message), ...indices.slice(turn)];
  return encoding.renderWithSpans(conversation, { ...KEEP, messages: kept });
}

/**
 * The number of tokens of a text or a conversation, as
 * {@link HarmonyEncoding.countTokens} counts them, or false if there are more
 * than `limit`.
 *
 * @throws As {@link HarmonyEncoding.countTokens}; a `RangeError` for a limit that is not a count.
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
 * stay. Renders the prompt a few times, however many turns there are.
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
  if (tokens.length <= most) return [...messages];
  const turns = turnsOf(messages);
  const kept = (dropped: number) => {
    const without = new Set(turns.slice(0, dropped).flat());
    return messages.flatMap((_, index) => (without.has(index) ? [] : [index]));
  };
  const estimates = tokensWithout(turns.slice(0, -1), spans, tokens.length);
  const count = (dropped: number) =>
    encoding.countTokens(messages, { ...render, messages: kept(dropped) });
  const dropped = turnsToDrop(estimates, most, count, spans.length === messages.length);
  return kept(dropped).flatMap((index) => messages[index] ?? []);
}

/**
 * The tokens that are left without no turn, the oldest, the two oldest, and so on; too many if
 * upstream then leaves out more analysis, because an older final message is gone.
 */
function tokensWithout(
  turns: readonly number[][],
  spans: readonly MessageSpan[],
  all: number,
): number[] {
  const lengths = new Map(spans.map(({ message, start, end }) => [message, end - start]));
  const left = [all];
  for (const turn of turns) {
    const length = turn.reduce((sum, message) => sum + (lengths.get(message) ?? 0), 0);
    left.push((left.at(-1) ?? 0) - length);
  }
  return left;
}

/**
 * The fewest turns without which at most `most` tokens are left. The estimates
 * are surely not too low if upstream has left out nothing that could come back.
 */
function turnsToDrop(
  estimates: readonly number[],
  most: number,
  count: (dropped: number) => number,
  isNeverTooLow: boolean,
): number {
  const last = estimates.length - 1;
  const fits = (dropped: number) => count(dropped) <= most;
  const fitting = estimates.findIndex((estimate) => estimate <= most);
  const guess = fitting < 0 ? last + 1 : fitting;
  const fewer = firstFitting(1, guess - 1, fits);
  if (fewer < guess) return fewer;
  if (guess <= last && (isNeverTooLow || fits(guess))) return guess;
  const more = firstFitting(guess + 1, last, fits);
  if (more <= last) return more;
  throw new RangeError(
    `"limit" is ${most}, but the messages that cannot be dropped need ${count(last)} tokens`,
  );
}

/** The first number that fits, or the one after `high`: down from `high` in growing steps. */
function firstFitting(from: number, to: number, fits: (number: number) => boolean): number {
  let [low, high, at] = [from, to, to];
  for (let gap = 1; low <= high; gap *= 2) {
    if (fits(at)) high = at - 1;
    else low = at + 1;
    at = low === from ? Math.max(low, high - gap) : Math.floor((low + high) / 2);
  }
  return low;
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
