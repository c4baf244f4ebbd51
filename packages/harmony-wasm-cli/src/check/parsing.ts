/**
 * Parses ids to messages, for every command. The strict parser is upstream's; the
 * recovering parser accepts any ids and loses none.
 */

import {
  type HarmonyEncoding,
  type Message,
  type RecoveredMessage,
  Role,
  type Stray,
} from "harmony-wasm";

/** How ids are parsed. */
export interface ParseSettings {
  /** The role whose header the prompt began; undefined detects it from the first id. */
  role: Role | undefined;
  strict: boolean;
}

/** The messages of a completion, or of a whole conversation, which starts with `<|start|>`. */
export function parsedMessages(
  encoding: HarmonyEncoding,
  ids: Uint32Array,
  { role, strict }: ParseSettings,
): Message[] {
  const author = role ?? roleFor(encoding, ids);
  return encoding.parseMessagesFromCompletionTokens(ids, author, { strict });
}

/** A recovered row: its messages, the repairs, and the ids that belong to no message. */
export interface RecoveredRow {
  messages: Message[];
  /** For each message, its place among the ids and its repairs. */
  recovered: Omit<RecoveredMessage, "message">[];
  strays: (Omit<Stray, "tokens"> & { tokens: number[] })[];
}

/** The messages of any ids, however malformed. */
export function recoveredRow(
  encoding: HarmonyEncoding,
  ids: Uint32Array,
  role: Role | undefined,
): RecoveredRow {
  const author = role ?? roleFor(encoding, ids);
  const { messages, strays } = encoding.recoverMessagesFromCompletionTokens(ids, author);
  return {
    messages: messages.map(({ message }) => message),
    recovered: messages.map(({ message: _message, ...rest }) => rest),
    strays: strays.map((stray) => ({ ...stray, tokens: Array.from(stray.tokens) })),
  };
}

/** Null if the ids start with a whole message; else they were sampled after a prompt. */
function roleFor(encoding: HarmonyEncoding, ids: Uint32Array): Role | null {
  return ids[0] === encoding.specialTokens.get("<|start|>") ? null : Role.ASSISTANT;
}
