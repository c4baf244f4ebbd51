/**
 * `train: false` on messages, a field of this package, which upstream's reader
 * ignores. JSON text is parsed only if it can contain the field.
 */

import { described } from "../check/arguments.js";
import type { Message } from "../types.js";

/** A message; with `train: false` it is not trained on. */
export interface TrainingMessage extends Message {
  train?: boolean | null;
}

/** A conversation whose messages can have `train`, or its JSON text, which is lossless. */
export type TrainingConversationInput =
  | { messages: readonly TrainingMessage[] }
  | readonly TrainingMessage[]
  | string;

/** The field as JSON writers spell it, or with an escaped letter. */
const MAYBE_FLAGS = /"train"|\\u00[67]/;

/**
 * A `train` that is not a boolean. The flag comes from data as often as from
 * code, so the error has a code and a path, as a {@link HarmonyError} has; it
 * stays a TypeError, because this module shares no class with the entries.
 */
class TrainFlagError extends TypeError {
  readonly code = "invalid_conversation";
  /** The JSON path of the flag, as that of any other field of the conversation. */
  readonly path: string;

  constructor(path: string, train: unknown) {
    super(`"${path}" expected a boolean, got ${described(train)}`);
    this.path = path;
  }
}

/** The flag of each message, or undefined if no message can have one. */
export function checkedTrainFlags(
  conversation: TrainingConversationInput,
): (boolean | undefined)[] | undefined {
  if (typeof conversation === "string" && !MAYBE_FLAGS.test(conversation)) return undefined;
  const given: unknown = typeof conversation === "string" ? JSON.parse(conversation) : conversation;
  const messages: unknown = Array.isArray(given) ? given : Object(given).messages;
  if (!Array.isArray(messages)) return undefined;
  return messages.map((message, index) => {
    const train: unknown = Object(message).train;
    if (typeof train === "boolean") return train;
    if (train === undefined || train === null) return undefined;
    throw new TrainFlagError(`messages[${index}].train`, train);
  });
}
