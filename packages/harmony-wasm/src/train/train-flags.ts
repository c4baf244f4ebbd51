/**
 * `train: false` on messages, a field that is ours: upstream's reader ignores
 * it. JSON text is parsed for it only where the field can stand in it.
 */

import { described } from "../check/arguments.js";
import type { TrainingConversationInput } from "./samples.js";

/** What each message says, or undefined where none can say anything. */
export function checkedTrainFlags(
  conversation: TrainingConversationInput,
): (boolean | undefined)[] | undefined {
  if (typeof conversation === "string" && !mayHaveFlags(conversation)) return undefined;
  const given: unknown = typeof conversation === "string" ? JSON.parse(conversation) : conversation;
  const isArray = Array.isArray(given);
  const messages: unknown = isArray ? given : Object(given).messages;
  if (!Array.isArray(messages)) return undefined;
  return messages.map((message, index) => {
    const train: unknown = Object(message).train;
    if (typeof train === "boolean") return train;
    if (train === undefined || train === null) return undefined;
    const place = `conversation${isArray ? "" : ".messages"}[${index}].train`;
    throw new TypeError(`"${place}" expected a boolean, got ${described(train)}`);
  });
}

/** The field as every writer of JSON spells it, or with a letter of it escaped. */
function mayHaveFlags(text: string): boolean {
  return text.includes('"train"') || text.includes("\\u006") || text.includes("\\u007");
}
