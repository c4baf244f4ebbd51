/**
 * Puts the sampled ids of earlier turns into a prompt. A turn whose ids are found, and still say what
 * the request says, is not rendered again, so the prompt begins with the one that the turn was
 * sampled from.
 */

import { continueConversation, type HarmonyEncoding } from "../../index.js";
import { conversationOf, type MessageText } from "../conversation/assemble.js";
import { isCutHeader } from "../conversation/cut-header.js";
import { readableName } from "../conversation/names.js";
import type { SampledHistory } from "../types.js";

const WHOLE = { auto_drop_analysis: false };
const NEXT = "assistant";

/** The ids of a prompt. Turns that are answered have no thoughts in it. */
export function promptTokens(
  encoding: HarmonyEncoding,
  messages: readonly MessageText[],
  answered: ReadonlySet<number | undefined>,
  history: SampledHistory | undefined,
): Uint32Array {
  const render = (texts: readonly MessageText[]) =>
    encoding.renderConversationForCompletion(conversationOf(texts), NEXT, WHOLE);
  if (!history) return render(messages);
  let tokens: Uint32Array | undefined;
  let completion: Uint32Array | undefined;
  let pending: MessageText[] = [];
  const flush = () =>
    tokens && completion
      ? continueConversation(encoding, tokens, completion, conversationOf(pending), NEXT)
      : render(pending);
  for (const group of turnsOf(messages)) {
    const turn = group[0]?.turn;
    const sampled = turn === undefined ? undefined : sampledTurn(encoding, group, history);
    if (!sampled || (sampled.hasThought && answered.has(turn))) pending.push(...group);
    else {
      tokens = flush();
      completion = sampled.tokens;
      pending = [];
    }
  }
  return flush();
}

/** Messages in groups: each turn of the model one, every other message one. */
function turnsOf(messages: readonly MessageText[]): MessageText[][] {
  const groups: MessageText[][] = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.turn !== undefined && last?.[0]?.turn === message.turn) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function sampledTurn(
  encoding: HarmonyEncoding,
  turn: readonly MessageText[],
  history: SampledHistory,
): { tokens: Uint32Array; hasThought: boolean } | undefined {
  const given = saidBy(turn.flatMap(({ message }) => message ?? []));
  // The tools of the request may have changed since; those that the turn called have not.
  const tools = turn.flatMap(({ message }) => message?.recipient ?? []);
  const found = history.find({
    ids: [...new Set(turn.flatMap(({ ids }) => ids ?? []))],
    encryptedContent: turn.flatMap(({ encryptedContent }) => encryptedContent ?? []),
    text: given.text,
  });
  if (found === undefined) return undefined;
  const tokens = Uint32Array.from(found);
  const { messages } = encoding.recoverMessagesFromCompletionTokens(tokens, NEXT, { tools });
  if (messages.some(({ message }) => message.role !== NEXT)) return undefined;
  const sampled = saidBy(messages.flatMap((each) => (isCutHeader(each) ? [] : [each.message])));
  const isSame =
    given.text === sampled.text &&
    JSON.stringify(given.calls) === JSON.stringify(sampled.calls) &&
    (given.thought === "" || given.thought === sampled.thought);
  return isSame ? { tokens, hasThought: sampled.thought !== "" } : undefined;
}

/** The texts, thoughts and calls of a turn, without its headers. */
function saidBy(messages: readonly NonNullable<MessageText["message"]>[]) {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const calls: [name: string, content: string][] = [];
  for (const { recipient, channel, content } of messages) {
    const text =
      typeof content === "string"
        ? content
        : content.map((part) => (part.type === "text" ? part.text : "")).join("");
    if (recipient && recipient !== NEXT) {
      const name = readableName(recipient.slice(recipient.lastIndexOf(".") + 1));
      calls.push([name, valueText(text || "{}")]);
    } else if (channel === "analysis") thoughts.push(text);
    else texts.push(text);
  }
  const joined = (all: readonly string[]) => all.filter((text) => text !== "").join("\n");
  return { text: joined(texts), thought: joined(thoughts), calls };
}

/** Arguments by their value: a client that parses them writes them with spaces of its own. */
function valueText(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
