/** Which thoughts a prompt keeps: those after the last final message. */

import type { DraftMessage } from "./draft.js";

/** The messages that stay, and the turns that lose a thought or would, if the client had sent it. */
export function withoutOldThoughts(messages: readonly DraftMessage[]) {
  const last = messages.findLastIndex(
    ({ message }) => message.role === "assistant" && message.channel === "final",
  );
  const kept = messages.filter((draft, index) => index > last || !isThought(draft));
  return { kept, answered: new Set(messages.slice(0, last + 1).map(({ turn }) => turn)) };
}

/** Whether a message is a thought: on analysis, and no call. */
export function isThought({ message }: DraftMessage): boolean {
  return message.role === "assistant" && message.channel === "analysis" && !message.recipient;
}
