/**
 * Assembles a draft into the JSON text of the conversation that is rendered. Tools and the response
 * format go to the first developer message; the system message comes first.
 */

import {
  type Message,
  type ReasoningEffort,
  systemMessage,
  type ToolNamespaceConfig,
  toolNamespaces,
} from "../../index.js";
import type { DraftMessage, MappedMessage } from "./draft.js";

/** Everything besides the messages themselves. */
export interface Preface {
  system?: SystemFields;
  /** The tools as `toolsText` writes them. */
  tools: string | undefined;
  /** The section on the response format. */
  section?: string | undefined;
}

/** The fields of the system message that differ from upstream's defaults. */
export interface SystemFields {
  modelIdentity?: string | undefined;
  reasoningEffort?: ReasoningEffort | undefined;
  conversationStartDate?: string | undefined;
  knowledgeCutoff?: string | undefined;
  builtinTools?: readonly BuiltinTool[];
}

/** A namespace that the models were trained with. */
export type BuiltinTool = keyof typeof toolNamespaces;

/** One message as JSON text, with the draft's knowledge of it. */
export interface MessageText extends Partial<DraftMessage> {
  text: string;
}

/** The messages in order. */
export function assembled(messages: readonly DraftMessage[], preface: Preface): MessageText[] {
  const texts: MessageText[] = messages.map((draft) => ({
    ...draft,
    text: JSON.stringify(draft.message),
  }));
  const { tools } = preface;
  if (tools !== undefined || preface.section !== undefined) {
    const at = messages.findIndex(({ message }) => instructionsOf(message) !== undefined);
    const instructions = at < 0 ? undefined : instructionsOf(messages[at]?.message);
    const text = developerText(instructions, tools, preface.section);
    if (at < 0) texts.unshift({ text });
    else texts[at] = { ...texts[at], text };
  }
  if (preface.system) texts.unshift({ text: JSON.stringify(systemOf(preface.system)) });
  return texts;
}

/** A conversation of messages in JSON text. */
export function conversationOf(texts: readonly { text: string }[]): string {
  return `{"messages":[${texts.map(({ text }) => text).join(",")}]}`;
}

function instructionsOf(message: MappedMessage | undefined): string | undefined {
  const part = message?.role === "developer" ? message.content[0] : undefined;
  return typeof part === "object" && part.type === "developer_content"
    ? (part.instructions ?? "")
    : undefined;
}

function developerText(
  instructions: string | undefined,
  tools: string | undefined,
  section: string | undefined,
): string {
  const members = [
    ...(instructions === undefined ? [] : [`"instructions":${JSON.stringify(instructions)}`]),
    ...(tools === undefined ? [] : [`"tools":${tools}`]),
  ];
  const parts = members.length > 0 ? [`{"type":"developer_content",${members.join(",")}}`] : [];
  if (section !== undefined) {
    const text = parts.length > 0 ? `\n\n${section}` : section;
    parts.push(JSON.stringify({ type: "text", text }));
  }
  return `{"role":"developer","content":[${parts.join(",")}]}`;
}

/** The system message. */
export function systemOf(fields: SystemFields): Message {
  const { modelIdentity, reasoningEffort, conversationStartDate, knowledgeCutoff } = fields;
  const builtin = fields.builtinTools ?? [];
  const tools: Record<string, ToolNamespaceConfig> = {};
  for (const name of builtin) tools[name] = toolNamespaces[name];
  return systemMessage({
    ...(modelIdentity !== undefined && { model_identity: modelIdentity }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
    ...(conversationStartDate !== undefined && { conversation_start_date: conversationStartDate }),
    ...(knowledgeCutoff !== undefined && { knowledge_cutoff: knowledgeCutoff }),
    ...(builtin.length > 0 && { tools }),
  });
}
