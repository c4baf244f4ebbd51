/** Requests and rows as JSON text: objects are written without losing a value silently. */

import { described, loneSurrogateAt } from "../../check/arguments.js";
import { writtenJson } from "../../check/json-writer.js";
import { RequestError } from "../errors.js";
import { checkLevel } from "./source.js";

/**
 * JSON text as it is, and an object as JSON text.
 *
 * @throws {TypeError} For anything else, and for an object with a value that JSON does not have.
 */
export function jsonTextOf(name: string, value: object | string): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) return writtenJson(name, value);
  throw new TypeError(`"${name}" expected an object or JSON text, got ${described(value)}`);
}

/** JSON text that may have a lone surrogate in it. */
const MAYBE_LONE = /\\u[dD][89a-fA-F]/;

/** Whether JSON text has one: written again, it alone is an escape. */
export function hasLoneSurrogates(text: string): boolean {
  return MAYBE_LONE.test(text) && MAYBE_LONE.test(JSON.stringify(JSON.parse(text)));
}

/** Refuses text with a lone surrogate, which has no UTF-8 and so no tokens; `value` is the parsed text. */
export function refuseLoneSurrogates(text: string, value: unknown): void {
  if (MAYBE_LONE.test(text) || !text.isWellFormed()) refuseIn(value, "", 0);
}

function refuseIn(value: unknown, path: string, level: number): void {
  if (typeof value === "string") refuseString(value, path);
  if (typeof value !== "object" || value === null) return;
  checkLevel(level);
  if (Array.isArray(value)) {
    value.forEach((each: unknown, index) => {
      refuseIn(each, `${path}[${index}]`, level + 1);
    });
    return;
  }
  for (const [name, each] of Object.entries(value)) {
    refuseString(name, path);
    refuseIn(each, path === "" ? name : `${path}.${name}`, level + 1);
  }
}

function refuseString(text: string, path: string): void {
  const at = loneSurrogateAt(text);
  if (at < 0) return;
  const message = `expected well-formed text, got a lone surrogate at position ${at}`;
  throw new RequestError("invalid_conversation", message, path);
}
