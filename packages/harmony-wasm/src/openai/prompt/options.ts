/** The options of a prompt, checked: a wrong one is the caller's fault, not the request's. */

import { described } from "../../check/arguments.js";
import type { HarmonyEncoding } from "../../index.js";
import { checkedBy, type OptionCheck, type OptionChecks } from "../check/options.js";
import {
  encoding as encodingCheck,
  flag,
  listOf,
  oneOf,
  text,
  withMethods,
} from "../check/values.js";
import type { PromptOptions } from "../types.js";

const EFFORTS = ["low", "medium", "high"];

/** A reasoning effort, as upstream or as the APIs write it. */
export const effort: OptionCheck = (name, value) => {
  if (typeof value === "string" && EFFORTS.includes(value.toLowerCase())) return;
  throw new TypeError(`"${name}" expected low, medium or high, got ${described(value)}`);
};

/** The checks of the options. */
export const PROMPT_OPTIONS: OptionChecks<PromptOptions> = {
  conversationStartDate: text,
  knowledgeCutoff: text,
  modelIdentity: text,
  reasoningEffort: effort,
  keepAnalysis: flag,
  history: withMethods("an object", "find"),
  unsupported: oneOf("throw", "warn"),
  builtinTools: listOf("names of built-in tools", oneOf("browser", "python")),
  simplifySchemas: flag,
  keepToolsOnNone: flag,
};

const { history: _history, ...SERVED } = PROMPT_OPTIONS;

/** The checks of the options of a server, which keeps the history itself. */
export const SERVED_PROMPT_OPTIONS: OptionChecks<Omit<PromptOptions, "history">> = SERVED;

/** The options of a prompt over an encoding. */
export function checkedPromptOptions(
  encoding: HarmonyEncoding,
  options: PromptOptions | null | undefined,
): PromptOptions {
  encodingCheck("encoding", encoding);
  return checkedBy<PromptOptions>("options", options, PROMPT_OPTIONS);
}
