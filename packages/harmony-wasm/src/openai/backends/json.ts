/**
 * Reads what an engine answers. Nothing of it is trusted: what has another
 * shape than expected is a {@link BackendError}.
 */

import { BackendError } from "./backend.js";

/** The highest id that an engine may answer with; the core decides which of them are tokens. */
const MAX_TOKEN = 2 ** 32 - 1;

/** A JSON object whose fields are not known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that the text is. An `error` in it is thrown. */
export function answerFrom(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BackendError(`expected JSON from the backend, got ${shown(text)}`);
  }
  if (!isFields(value)) {
    throw new BackendError(`expected a JSON object from the backend, got ${shown(text)}`);
  }
  if (value.error !== undefined && value.error !== null) {
    throw new BackendError(`the backend failed: ${messageOf(value.error)}`, { body: text });
  }
  return value;
}

function messageOf(error: unknown): string {
  const message = isFields(error) ? error.message : error;
  return typeof message === "string" ? message : shown(JSON.stringify(error));
}

/** Whether it is a list of token ids. */
export function areTokens(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0 && id <= MAX_TOKEN)
  );
}

/** The beginning of a text, for a message. */
export function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
