/** Which thoughts a prompt keeps: those after the last final message. */

import type { DraftMessage } from "./draft.js";

/** The positions of the messages that stay. */
export function keptMessages(messages: readonly DraftMessage[]): boolean[] {
  const last = messages.findLastIndex(
    ({ message }) => message.role === "assistant" && message.channel === "final",
  );
  return messages.map((draft, index) => index > last || !isThought(draft));
}

/** Whether a message is a thought: on analysis, and no call. */
export function isThought({ message }: DraftMessage): boolean {
  return message.role === "assistant" && message.channel === "analysis" && !message.recipient;
}
