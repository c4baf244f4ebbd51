/** The arguments of the functions that make an answer, checked. */

import { described } from "../../check/arguments.js";
import type { HarmonyEncoding } from "../../index.js";
import type { OptionChecks } from "../check/options.js";
import {
  atLeast,
  callable,
  describedObject,
  encoding as isEncoding,
  oneOf,
  text,
  withMethods,
} from "../check/values.js";
import type {
  AnswerOptions,
  EventOptions,
  Prompt,
  ResponseExtras,
  StreamOptions,
} from "../types.js";

/** The checks of what every answer takes. */
export const ANSWER_OPTIONS: OptionChecks<AnswerOptions> = {
  id: text,
  created: atLeast(0),
  model: text,
  finishReason: oneOf("stop", "length"),
  newId: callable,
};

/** The checks of what every stream takes. */
export const STREAM_OPTIONS: OptionChecks<StreamOptions> = {
  ...ANSWER_OPTIONS,
  signal: withMethods("an AbortSignal", "throwIfAborted"),
};

/** The checks of what the answers of Responses take besides. */
export const RESPONSE_EXTRAS: OptionChecks<ResponseExtras> = {
  encrypt: callable,
  previousResponseId: text,
};

/** The checks of what a stream of Responses takes. */
export const EVENT_OPTIONS: OptionChecks<EventOptions> = {
  ...STREAM_OPTIONS,
  ...RESPONSE_EXTRAS,
  failure: callable,
};

/** A map of any realm. */
function isMap(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Map]";
}

/** Refuses anything but an encoding and a prompt that was made with one. */
export function checkAnswered(encoding: HarmonyEncoding, prompt: Prompt): void {
  isEncoding("encoding", encoding);
  const isPrompt = isMap(prompt?.tools) && typeof prompt.sampling === "object";
  if (isPrompt && typeof prompt.request?.body === "object") return;
  const got = typeof prompt === "object" ? describedObject(prompt) : described(prompt);
  throw new TypeError(
    `"prompt" expected what promptFromChat or promptFromResponses gives, got ${got}`,
  );
}
