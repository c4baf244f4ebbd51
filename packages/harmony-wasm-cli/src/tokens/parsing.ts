/**
 * Ids back to messages: the one place where the command line parses. Strict is
 * upstream's parser; the recovering one joins here.
 */

import { type HarmonyEncoding, type Message, Role } from "harmony-wasm";

/** How ids are parsed. */
export interface ParseSettings {
  /** The role whose header the prompt began; undefined finds out from the first id. */
  role: Role | undefined;
  strict: boolean;
}

/** The messages of a completion, or of a whole conversation, which begins with `<|start|>`. */
export function parsedMessages(
  encoding: HarmonyEncoding,
  ids: Uint32Array,
  { role, strict }: ParseSettings,
): Message[] {
  const author = role ?? roleFor(encoding, ids);
  return encoding.parseMessagesFromCompletionTokens(ids, author, { strict });
}

/** None where a whole message begins; else what was sampled after a prompt. */
function roleFor(encoding: HarmonyEncoding, ids: Uint32Array): Role | null {
  return ids[0] === encoding.specialTokens.get("<|start|>") ? null : Role.ASSISTANT;
}
