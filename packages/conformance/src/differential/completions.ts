/** Completions from rendered conversations, intact and damaged. */

import type { HarmonyEncoding } from "harmony-wasm";
import type { Call } from "./oracle.ts";
import type { Random } from "./texts.ts";

const LONGEST = 120;
/** Ids that matter to the parser, and unknown ids. */
const TELLING = [
  200002,
  200003,
  200005,
  200006,
  200007,
  200008,
  200012,
  200018,
  201089,
  2 ** 32 - 1,
  9552,
  173781,
];

/** Parses and streams of a conversation's rendering, whole and damaged. */
export function* completionsOf(
  encoding: HarmonyEncoding,
  conversation: object,
  random: Random,
): Generator<Call> {
  const rendered = tokensOf(encoding, conversation);
  if (!rendered) return;
  const start = random(3) === 0 ? random(rendered.length) : 0;
  const tokens = damaged(rendered.slice(start, start + LONGEST), random);
  const role = random(2) === 0 ? {} : { role: "assistant" };
  const strict = random(2) === 0;
  yield { call: "parseMessagesFromCompletionTokens", with: { tokens, ...role, strict } };
  yield { call: "StreamableParser", with: { tokens, ...role, strict, eos: random(2) === 0 } };
}

function tokensOf(encoding: HarmonyEncoding, conversation: object): number[] | undefined {
  try {
    return [...encoding.renderConversation(JSON.stringify(conversation))];
  } catch {
    return undefined; // The refusal itself is compared as a render call.
  }
}

/** Up to three deletions, insertions or exchanges. */
function damaged(tokens: number[], random: Random): number[] {
  const result = [...tokens];
  for (let count = random(4); count > 0; count -= 1) {
    const at = random(result.length + 1);
    const telling = TELLING[random(TELLING.length)] ?? 0;
    const inserted = random(2) === 0 ? telling : random(201_100);
    result.splice(at, random(2), ...(random(3) === 0 ? [] : [inserted]));
  }
  return result;
}
