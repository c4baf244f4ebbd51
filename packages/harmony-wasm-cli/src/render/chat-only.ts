/** Options that only rows of Chat Completions have, by the names of their flags. */

import type { ChatOptions } from "harmony-wasm/openai";
import { UsageError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import type { Shape } from "../rows/shapes.ts";

const FLAGS: Readonly<Record<keyof ChatOptions, string>> = {
  systemMessage: "--no-system-message",
  reasoningEffort: "--reasoning-effort",
  conversationStartDate: "--conversation-date",
  knowledgeCutoff: "--knowledge-cutoff",
  modelIdentity: "--model-identity",
  thinkTags: "--think-tags",
  allowMarkup: "--allow-markup",
  simplifySchemas: "--simplify-schemas",
};

const SYSTEM_FIELDS = [
  "reasoningEffort",
  "conversationStartDate",
  "knowledgeCutoff",
  "modelIdentity",
] as const;

/** The first flag among the fields of harmony's system message; undefined if all are as usual. */
export function systemFlagOf(chat: ChatOptions): string | undefined {
  const field = SYSTEM_FIELDS.find((name) => chat[name] !== undefined);
  return field && FLAGS[field];
}

/** The first flag among the options of chat rows; undefined if all are as usual. */
export function chatFlagOf(chat: ChatOptions): string | undefined {
  const { systemMessage, ...others } = chat;
  if (systemMessage === false) return FLAGS.systemMessage;
  const given = new Set(Object.keys(others));
  return Object.entries(FLAGS).find(([name]) => given.has(name))?.[1];
}

/**
 * Refuses these options for a file whose rows turned out to have harmony's shape: they would
 * change no id, and the file's metadata would record them.
 */
export function refuseForShape(chat: ChatOptions, shape: Shape | undefined, name: string): void {
  const flag = shape === "harmony" ? chatFlagOf(chat) : undefined;
  if (flag === undefined) return;
  const file = inputName(name);
  throw new UsageError(
    `${file}: ${flag} requires rows of Chat Completions; these are in harmony's shape, which has its system message and tools already`,
  );
}
