/**
 * Finds markup in a row's text. It would be rendered as ordinary tokens that spell a special one, and
 * a model that is trained on them learns to write markers that no parser reads.
 */

import type { DraftMessage } from "../conversation/draft.js";
import { RequestError } from "../errors.js";

/** Text of the form that special tokens have. */
const MARKUP = /<\|[a-z_0-9]+\|>/;

/** Refuses a message whose text has markup in it. */
export function refuseMarkup({ message, path }: DraftMessage): void {
  for (const text of textsOf(message.content)) {
    const found = MARKUP.exec(text);
    if (!found) continue;
    const where = [message.role, message.channel].filter(Boolean).join(" on ");
    const what = `the text of a message of ${where} contains ${found[0]}`;
    const advice = "say --allow-markup (allowMarkup) to render it as text";
    throw new RequestError(
      "unsupported_content",
      `${what}, which is harmony's markup: ${advice}`,
      path,
    );
  }
}

function textsOf(content: DraftMessage["message"]["content"]): string[] {
  if (typeof content === "string") return [content];
  return content.map((part) => {
    if (part.type === "text") return part.text;
    return (part.type === "developer_content" && part.instructions) || "";
  });
}
