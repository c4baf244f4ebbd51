/**
 * Finds markup in a row's text: special tokens, and calls as models of other formats write them. It
 * would be rendered as ordinary tokens, and a model that is trained on them learns to write
 * markers that no parser reads.
 */

import type { ThinkTagOptions } from "../chat/think-tags.js";
import type { DraftMessage } from "../conversation/draft.js";
import type { Namespace } from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import type { Fields } from "../json/fields.js";

/** The option that renders markup. */
const OPTION = "allowMarkup" satisfies keyof ThinkTagOptions;

/** Text of the form that special tokens have. */
const SPECIAL = /<\|[a-z_0-9]+\|>/;
/** The beginning of a call in an answer of other models. */
const CALL = /<(?:tool_call|tool_calls|function_call|function_calls)>|<function=|\[TOOL_CALLS\]/;

/** Refuses a message whose text has markup in it. */
export function refuseMarkup({ message, path }: DraftMessage): void {
  const where = [message.role, message.channel].filter(Boolean).join(" on ");
  for (const text of textsOf(message.content)) {
    refuseSpecial(text, `the text of a message from the ${where}`, path);
  }
}

/** Refuses an assistant's text with a call in another format. */
export function refuseForeignCall({ role, content }: Fields, path: string): void {
  const call = role === "assistant" && typeof content === "string" ? CALL.exec(content) : null;
  if (!call) return;
  throw refused(
    `the text contains ${call[0]}, a call in another format: make it tool_calls, or`,
    path,
  );
}

/** Refuses tools with markup in their texts. */
export function refuseToolMarkup(namespaces: readonly Namespace[]): void {
  for (const { description, parameters, path, schemaPath } of namespaces.flatMap(
    ({ tools }) => tools,
  )) {
    refuseSpecial(description, "the description of a tool", `${path}.description`);
    if (!parameters?.includes("|")) continue;
    refuseSpecial(JSON.stringify(JSON.parse(parameters)), "the schema of a tool", schemaPath);
  }
}

function refuseSpecial(text: string, where: string, path: string | undefined): void {
  const found = SPECIAL.exec(text);
  if (found)
    throw refused(`${where} contains ${found[0]}, which looks like a special token:`, path);
}

function refused(what: string, path: string | undefined): RequestError {
  const message = `${what} pass ${OPTION} to render it as text`;
  return new RequestError("unsupported_content", message, path, OPTION);
}

function textsOf(content: DraftMessage["message"]["content"]): string[] {
  if (typeof content === "string") return [content];
  return content.map((part) => {
    if (part.type === "text") return part.text;
    return (part.type === "developer_content" && part.instructions) || "";
  });
}
