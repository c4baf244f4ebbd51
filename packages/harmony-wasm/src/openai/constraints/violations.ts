/**
 * Whether a completion is what its constraint asks for. This module promises to
 * look at whole completions only, whoever sampled them, and to change nothing.
 */

import { Validator } from "@cfworker/json-schema";
import type { HarmonyEncoding, Message } from "../../index.js";
import type { Constraint } from "../types.js";
import type { HarmonyExtension } from "../wire/chat.js";

/** One way in which an answer breaks the request's format. */
export interface Violation {
  message: string;
  /** The JSON pointer of the value at fault, as `#/city`. */
  path?: string;
}

/** The violations of a completion that ended by itself. */
export function violationsOf(
  encoding: HarmonyEncoding,
  constraint: Constraint | undefined,
  completion: Uint32Array,
): Violation[] {
  if (constraint === undefined) return [];
  const tools = constraint.calls?.map(({ recipient }) => recipient) ?? [];
  const recovered = encoding.recoverMessagesFromCompletionTokens(completion, "assistant", {
    tools,
  });
  const messages = recovered.messages.map(({ message }) => message);
  const calls = messages.filter(isCall);
  if (calls.length > 0) return calls.flatMap((call) => callViolations(call, constraint));
  if (constraint.mustCall) return [{ message: `expected a call${namesOf(constraint)}, got none` }];
  const { answer } = constraint;
  if (answer === undefined) return [];
  const text = messages
    .filter(({ channel }) => channel !== "analysis")
    .map(textOf)
    .join("\n");
  return jsonViolations(
    text,
    answer.type === "json_schema" ? answer.schema : ANY_OBJECT,
    "the answer",
  );
}

/** The answer, with its violations. */
export function withViolations<T extends { harmony?: HarmonyExtension }>(
  answer: T,
  violations: readonly Violation[],
): T {
  if (violations.length === 0) return answer;
  return { ...answer, harmony: { repairs: [], ...answer.harmony, violations } };
}

const ANY_OBJECT = '{"type":"object"}';
const MOST_SHOWN = 10;

function isCall({ role, recipient }: Message): boolean {
  return role === "assistant" && !["assistant", "all", undefined, null].includes(recipient);
}

function callViolations(call: Message, constraint: Constraint): Violation[] {
  if (constraint.calls === undefined) return [];
  const name = (recipient: string) => recipient.slice(recipient.lastIndexOf(".") + 1);
  const called = name(call.recipient ?? "");
  const format = constraint.calls.find(({ recipient }) => name(recipient) === called);
  if (format === undefined) {
    return constraint.mustCall
      ? [{ message: `expected a call${namesOf(constraint)}, got one of ${called}` }]
      : [];
  }
  if (format.type === "custom") return [];
  return jsonViolations(textOf(call) || "{}", format.schema ?? ANY_OBJECT, `the call of ${called}`);
}

function namesOf({ calls = [] }: Constraint): string {
  return calls.length === 0 ? "" : ` of ${calls.map(({ recipient }) => recipient).join(" or ")}`;
}

function textOf({ content }: Message): string {
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function jsonViolations(text: string, schema: string, what: string): Violation[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ message: `${what} is not JSON` }];
  }
  const { valid, errors } = new Validator(JSON.parse(schema), "2020-12", false).validate(value);
  if (valid) return [];
  return errors.slice(0, MOST_SHOWN).map(({ error, instanceLocation }) => ({
    message: `${what}: ${error}`,
    path: instanceLocation,
  }));
}
