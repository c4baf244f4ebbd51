/**
 * Conversations and messages as JSON text. `JSON.stringify` alone would lose
 * things without a word (NaN becomes null, a Map `{}`), so a value is looked
 * through first, and what JSON cannot carry is an error that names its place.
 */

import { checkedText, described, loneSurrogateAt } from "./arguments.js";
import { HarmonyError } from "./errors.js";
import type { ConversationInput, Message } from "./types.js";

/** Deeper than upstream's reader goes (128), and far from the end of the stack. */
const DEEPEST = 256;

/** The text of a conversation; text stays as it is. */
export function conversationText(conversation: ConversationInput): string {
  return jsonText("conversation", conversation);
}

/** The text of a message; text stays as it is. */
export function messageText(message: Message | string): string {
  return jsonText("message", message);
}

function jsonText(name: string, value: unknown): string {
  if (typeof value === "string") return checkedText(name, value);
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`"${name}" expected an object or JSON text, got ${described(value)}`);
  }
  const fault = faultIn(value, []);
  if (fault) throw fault.error(`"${shortened(name + fault.path)}"`);
  return JSON.stringify(value);
}

function shortened(path: string): string {
  return path.length > 80 ? `${path.slice(0, 80)}…` : path;
}

interface Fault {
  /** From the value that was looked through to the one at fault. */
  path: string;
  error: (place: string) => Error;
}

function faultIn(value: unknown, ancestors: object[]): Fault | undefined {
  if (typeof value === "string") return faultInString(value);
  if (typeof value === "number") return Number.isFinite(value) ? undefined : outOfRange(value);
  if (typeof value === "boolean" || value === null) return undefined;
  if (typeof value !== "object") return wrongType(value);
  if (ancestors.length > DEEPEST) return faultOfDepth(ancestors);
  ancestors.push(value);
  const items = Array.isArray(value);
  const fault = items ? faultInArray(value, ancestors) : faultInObject(value, ancestors);
  ancestors.pop();
  return fault;
}

function faultInArray(items: readonly unknown[], ancestors: object[]): Fault | undefined {
  for (let index = 0; index < items.length; index += 1) {
    const fault = faultIn(items[index], ancestors);
    if (fault) return { ...fault, path: `[${index}]${fault.path}` };
  }
  return undefined;
}

/** Undefined fields are absent, as `JSON.stringify` has them. */
function faultInObject(object: object, ancestors: object[]): Fault | undefined {
  if (Object.prototype.toString.call(object) !== "[object Object]") return wrongType(object);
  for (const [key, field] of Object.entries(object)) {
    if (field === undefined) continue;
    const fault = faultInString(key) ?? faultIn(field, ancestors);
    if (fault) return { ...fault, path: `${pathOf(key)}${fault.path}` };
  }
  return undefined;
}

function pathOf(key: string): string {
  return /^[\p{L}_]\w*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function faultInString(text: string): Fault | undefined {
  const at = loneSurrogateAt(text);
  if (at < 0) return undefined;
  return {
    path: "",
    error: (place) => new TypeError(`${place} has a lone surrogate at position ${at}`),
  };
}

function outOfRange(value: number): Fault {
  return {
    path: "",
    error: (place) => new RangeError(`${place} expected a finite number, got ${value}`),
  };
}

function wrongType(value: unknown): Fault {
  return {
    path: "",
    error: (place) => new TypeError(`${place} expected JSON data, got ${described(value)}`),
  };
}

/** A way down that meets an object twice has no end. */
function faultOfDepth(ancestors: readonly object[]): Fault {
  const cyclic = new Set(ancestors).size < ancestors.length;
  return {
    path: "",
    error: (place) =>
      cyclic
        ? new TypeError(`${place} is cyclic`)
        : new HarmonyError("too_deep", `${place} is nested deeper than ${DEEPEST} levels`),
  };
}
