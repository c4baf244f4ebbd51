/**
 * Answers one call with an implementation, in the shape that the oracle writes.
 */

import type {
  ConversationInput,
  HarmonyEncoding,
  Message,
  RenderWithSpansOptions,
  Role,
  TokenInput,
} from "harmony-wasm";
import { checkSpans } from "./spans.ts";
import type { Arguments, Expected, Vector } from "./vectors.ts";

type Answer = (encoding: HarmonyEncoding, given: Arguments) => Expected;

const ANSWERS: Record<string, Answer> = {
  renderConversation: (encoding, given) => {
    const conversation = conversationOf(given);
    return withSpans(encoding, given, {}, encoding.renderConversation(conversation, given.config));
  },
  renderConversationForTraining: (encoding, given) => {
    const ids = encoding.renderConversationForTraining(conversationOf(given), given.config);
    return withSpans(encoding, given, { for: "training" }, ids);
  },
  renderConversationForCompletion: (encoding, given) => {
    const nextTurnRole = given.nextTurnRole as Role;
    const conversation = conversationOf(given);
    return withSpans(
      encoding,
      given,
      { for: "completion", nextTurnRole },
      encoding.renderConversationForCompletion(conversation, nextTurnRole, given.config),
    );
  },
  render: (encoding, given) =>
    tokens(encoding.render((given.messageText ?? given.message) as Message, given.options)),
  parseMessagesFromCompletionTokens: (encoding, given) => ({
    messages: encoding.parseMessagesFromCompletionTokens(
      tokenIds(encoding, given),
      given.role as Role | undefined,
      strictness(given),
    ),
  }),
  encode: (encoding, { text = "", allowedSpecial, disallowedSpecial }) =>
    tokens(
      encoding.encode(text, {
        ...(allowedSpecial && { allowedSpecial }),
        ...(disallowedSpecial && { disallowedSpecial }),
      }),
    ),
  encodeOrdinary: (encoding, { text = "" }) => {
    const ids = encoding.encodeOrdinary(text);
    if (encoding.countTokens(text) !== ids.length) throw new Error("countTokens disagrees");
    return tokens(ids);
  },
  decode: (encoding, given) => ({ text: encoding.decode(tokenIds(encoding, given)) }),
  decodeUtf8: (encoding, given) => ({ text: encoding.decodeUtf8(tokenIds(encoding, given)) }),
  decodeBytes: (encoding, given) => ({
    bytes: Array.from(encoding.decodeBytes(tokenIds(encoding, given)), hexadecimal).join(""),
  }),
  constants: (encoding) => ({
    name: encoding.name,
    tokenizerName: encoding.tokenizerName,
    maxMessageTokens: encoding.maxMessageTokens,
    specialTokens: checkedSpecialTokens(encoding),
    stopTokens: encoding.stopTokens(),
    stopTokensForAssistantActions: encoding.stopTokensForAssistantActions(),
  }),
};

/** The result of a vector's call, or the first line of the error it threw. */
export function answer(encoding: HarmonyEncoding, vector: Pick<Vector, "call" | "with">): Expected {
  const call = ANSWERS[vector.call];
  if (!call) throw new Error(`unknown call ${vector.call}`);
  try {
    return call(encoding, vector.with);
  } catch (error) {
    return { error: refusal(error) };
  }
}

/** The first line of a HarmonyError's message; any other error is rethrown. */
export function refusal(error: unknown): string {
  if (!(error instanceof Error) || error.name !== "HarmonyError") throw error;
  return error.message.split("\n")[0] ?? "";
}

/** Ids unchanged, texts encoded with every special token allowed. */
export function tokenIds(encoding: HarmonyEncoding, given: Arguments): number[] {
  const pieces = given.tokens ?? [];
  return pieces.flatMap((piece) =>
    typeof piece === "number" ? piece : [...encoding.encode(piece, { allowedSpecial: "all" })],
  );
}

/** The options of a parser, from the arguments of a call. */
export function strictness({ strict }: Arguments): { strict?: boolean } {
  return strict === undefined ? {} : { strict };
}

/** The ids, after their spans have been checked. */
function withSpans(
  encoding: HarmonyEncoding,
  given: Arguments,
  options: RenderWithSpansOptions,
  ids: Uint32Array,
): Expected {
  checkSpans(encoding, conversationOf(given), { ...options, config: given.config ?? null }, ids);
  return tokens(ids);
}

function conversationOf({ conversation, conversationText }: Arguments): ConversationInput {
  return (conversationText ?? conversation) as ConversationInput;
}

function tokens(ids: TokenInput): Expected {
  if (!(ids instanceof Uint32Array)) throw new Error("the ids are not a Uint32Array");
  return { tokens: [...ids] };
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** The map, after checking that every token in it encodes, decodes and is special. */
function checkedSpecialTokens(encoding: HarmonyEncoding): [string, number][] {
  for (const [text, id] of encoding.specialTokens) {
    const ids = encoding.encode(text, { allowedSpecial: [text] });
    const isItself = ids.length === 1 && ids[0] === id && encoding.decodeUtf8([id]) === text;
    if (!isItself || !encoding.isSpecialToken(id)) throw new Error(`${text} does not round-trip`);
  }
  return [...encoding.specialTokens];
}
