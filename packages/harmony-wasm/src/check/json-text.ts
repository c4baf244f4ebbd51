/**
 * Conversations and messages as JSON. `JSON.stringify` drops data silently (NaN
 * becomes null, a Map `{}`), so objects are written here: each value is read
 * once, and a value that JSON cannot carry is an error that names its place.
 * `json-bytes.ts` writes plain data; the writer here takes everything else.
 */

import { HarmonyError } from "../errors.js";
import type { ConversationInput, Message } from "../types.js";
import { checkedText, described, loneSurrogateAt } from "./arguments.js";
import { refuseForeignConversation, refuseForeignMessage } from "./foreign-shapes.js";
import { jsonBytes } from "./json-bytes.js";

/** Deeper than upstream's reader accepts (128), and far from a stack overflow. */
const DEEPEST = 256;

/** JSON as text, or as UTF-8 that is valid until the next conversation or message is read. */
export type Json = string | Uint8Array;

/** The JSON of a conversation; JSON text is returned unchanged. */
export function conversationJson(conversation: ConversationInput): Json {
  return jsonOf("conversation", conversation, refuseForeignConversation);
}

/** The JSON of a message; JSON text is returned unchanged. */
export function messageJson(message: Message | string): Json {
  return jsonOf("message", message, refuseForeignMessage);
}

function jsonOf(
  name: string,
  value: unknown,
  refuseForeign: (value: object | string) => void,
): Json {
  if (typeof value === "string") {
    const text = checkedText(name, value);
    refuseForeign(text);
    return text;
  }
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`"${name}" expected an object or JSON text, got ${described(value)}`);
  }
  // First, because the bytes are valid only until a getter of the caller's renders something.
  refuseForeign(value);
  return jsonBytes(value) ?? new JsonWriter(name).text(value);
}

/** Writes one value, and keeps the path and the enclosing objects for errors. */
class JsonWriter {
  readonly #keys: (string | number)[];
  readonly #ancestors: object[] = [];

  constructor(name: string) {
    this.#keys = [name];
  }

  text(value: unknown): string {
    if (typeof value === "string") return this.#string(value);
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "boolean" || value === null) return String(value);
    if (typeof value !== "object") throw this.#wrongType(value);
    return this.#nested(value);
  }

  #string(text: string): string {
    const at = loneSurrogateAt(text);
    if (at < 0) return JSON.stringify(text);
    throw new TypeError(`${this.#place()} has a lone surrogate at position ${at}`);
  }

  #number(value: number): string {
    if (Number.isFinite(value)) return String(value);
    throw new RangeError(`${this.#place()} expected a finite number, got ${value}`);
  }

  #nested(value: object): string {
    if (this.#ancestors.includes(value)) throw new TypeError(`${this.#place()} is cyclic`);
    if (this.#ancestors.length >= DEEPEST) {
      const reason = `is nested deeper than ${DEEPEST} levels`;
      throw new HarmonyError("too_deep", `${this.#place()} ${reason}`);
    }
    if ("toJSON" in value && typeof value.toJSON === "function") throw this.#wrongType(value);
    this.#ancestors.push(value);
    const text = Array.isArray(value) ? this.#array(value) : this.#object(value);
    this.#ancestors.pop();
    return text;
  }

  #array(items: readonly unknown[]): string {
    const texts: string[] = [];
    for (let index = 0; index < items.length; index += 1) {
      this.#keys.push(index);
      texts.push(this.text(items[index]));
      this.#keys.pop();
    }
    return `[${texts.join(",")}]`;
  }

  /**
   * Undefined fields are skipped, as by `JSON.stringify`. A Date, a Map and other
   * objects with state beside their fields are refused.
   */
  #object(object: object): string {
    if (Object.prototype.toString.call(object) !== "[object Object]") throw this.#wrongType(object);
    const texts: string[] = [];
    for (const key of Object.keys(object)) {
      const field: unknown = Reflect.get(object, key);
      if (field === undefined) continue;
      this.#keys.push(key);
      texts.push(`${this.#string(key)}:${this.text(field)}`);
      this.#keys.pop();
    }
    return `{${texts.join(",")}}`;
  }

  #wrongType(value: unknown): TypeError {
    return new TypeError(`${this.#place()} expected JSON data, got ${described(value)}`);
  }

  /** `"conversation.messages[0].content"`, shortened if it is long. */
  #place(): string {
    const [name, ...keys] = this.#keys;
    const path = `${name}${keys.map(pathOf).join("")}`;
    return `"${path.length > 80 ? `${path.slice(0, 80)}…` : path}"`;
  }
}

function pathOf(key: string | number): string {
  return typeof key === "string" && /^[\p{L}_]\w*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
